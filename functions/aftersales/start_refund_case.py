"""A case was opened, or goods were brought back: the workflow that watches over the case begins."""

from souk.domains.aftersales.actions import workflow
from souk.domains.aftersales.events import GoodsReturned, RefundRequested
from souk.edge.task import on


def watch_request(fact: RefundRequested) -> None:
    workflow.start(fact.case_id, fact.kind)


def watch_refund(fact: GoodsReturned) -> None:
    """The goods are there: only the money is to be waited for."""
    workflow.start(fact.case_id, "refund")


handler = on((RefundRequested, watch_request), (GoodsReturned, watch_refund))
