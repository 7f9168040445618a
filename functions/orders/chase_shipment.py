"""Workflow: an order has waited too long to leave its store; that is told, and the wait goes on."""

from souk.domains.orders.actions import moves
from souk.domains.orders.store import orders as store
from souk.edge.task import task
from souk.table.unit import Unit


def chase_shipment(order_id: str) -> None:
    with Unit() as unit:
        moves.chase_shipment(unit, store.get(order_id))


handler = task(chase_shipment)
