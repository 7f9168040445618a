"""A paid order's workflow begins."""

from souk.domains.orders.events import OrderPaid
from souk.edge.task import on
from souk.flows import order_lifecycle


def start_life(fact: OrderPaid) -> None:
    order_lifecycle.start(fact.order_id)


handler = on((OrderPaid, start_life))
