"""A paid order's workflow begins, or that of each of its parts."""

from souk.domains.orders.events.moving import OrderPaid, OrderRemade
from souk.edge.task import on
from souk.flows import order_lifecycle


def start_life(fact: OrderPaid | OrderRemade) -> None:
    order_lifecycle.start(fact.order_id, to_split=bool(fact.also_at))


handler = on((OrderPaid, start_life), (OrderRemade, start_life))
