"""A refund was asked for, or goods were brought back: the workflow that watches over the case begins."""

from souk.domains.aftersales.actions import workflow
from souk.domains.aftersales.events import GoodsReturned, RefundRequested
from souk.edge.task import on


def start_refund_case(fact: RefundRequested | GoodsReturned) -> None:
    workflow.start(fact.case_id)


handler = on((RefundRequested, start_refund_case), (GoodsReturned, start_refund_case))
