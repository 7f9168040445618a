"""What was done to an order is told to the step of its workflow that waits for it."""

from souk.domains.orders.events.moving import (
    OrderCancelled,
    OrderMerged,
    OrderReceived,
    OrderShipped,
    OrderSplit,
    UnitsDropped,
)
from souk.edge.task import on
from souk.flows import order_lifecycle


def tell_life(fact: OrderShipped | UnitsDropped | OrderReceived | OrderCancelled | OrderSplit | OrderMerged) -> None:
    order_lifecycle.tell(fact.order_id)


handler = on(
    (OrderShipped, tell_life),
    (UnitsDropped, tell_life),
    (OrderReceived, tell_life),
    (OrderCancelled, tell_life),
    (OrderSplit, tell_life),
    (OrderMerged, tell_life),
)
