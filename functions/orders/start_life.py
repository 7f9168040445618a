"""A paid order's workflow begins."""

from souk.domains.orders.events import OrderPaid
from souk.edge.task import on
from souk.flows import order_lifecycle
from souk.table.unit import Unit


def start_life(fact: OrderPaid, unit: Unit) -> None:
    order_lifecycle.start(fact.order_id)


handler = on((OrderPaid, start_life))
