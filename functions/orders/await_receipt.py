"""Workflow: remembers whom to tell once the order has arrived."""

from souk.edge.task import task
from souk.flows import order_lifecycle


def await_receipt(order_id: str, token: str) -> None:
    order_lifecycle.wait_for_receipt(order_id, token)


handler = task(await_receipt)
