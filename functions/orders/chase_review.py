"""The time has come by which an order that is held for review should have been reviewed."""

from souk.domains.orders.actions import moves
from souk.domains.orders.store import orders as store
from souk.edge.task import task
from souk.table.unit import Unit


def chase_review(order_id: str) -> None:
    with Unit() as unit:
        moves.chase_review(unit, store.get(order_id))


handler = task(chase_review)
