"""Workflow: a paid order is laid out for picking; remembers whom to tell once all of it has left."""

from souk.edge.task import task
from souk.flows import order_lifecycle


def await_shipment(order_id: str, token: str) -> None:
    order_lifecycle.wait_for_shipment(order_id, token)


handler = task(await_shipment)
