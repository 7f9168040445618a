"""Workflow: a paid order is confirmed and laid out for picking."""

from souk.edge.task import task
from souk.flows import order_lifecycle


def prepare_order(order_id: str) -> None:
    order_lifecycle.prepare(order_id)


handler = task(prepare_order)
