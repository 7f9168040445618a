"""Workflow: an order that was cancelled on its way is not laid out for picking any more."""

from souk.edge.task import task
from souk.flows import order_lifecycle


def unprepare_order(order_id: str) -> None:
    order_lifecycle.unprepare(order_id)


handler = task(unprepare_order)
