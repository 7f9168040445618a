"""Workflow: a step has failed after all its tries; the order is parked for staff to see, and its workflow fails."""

from souk.edge.task import task
from souk.flows import order_lifecycle


def park_order(order_id: str, failure: str) -> None:
    order_lifecycle.park(order_id, failure)


handler = task(park_order)
