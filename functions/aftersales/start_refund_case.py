"""A refund was asked for: the workflow that watches over its case begins."""

from souk.domains.aftersales import actions
from souk.domains.aftersales.events import RefundRequested
from souk.edge.task import on


def start_refund_case(fact: RefundRequested) -> None:
    actions.start_workflow(fact.case_id)


handler = on((RefundRequested, start_refund_case))
