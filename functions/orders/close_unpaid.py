"""Timer: the payment deadline of an order has come."""

from souk.edge.task import task
from souk.flows import cancel_order


def close_unpaid(order_id: str) -> None:
    cancel_order.close_unpaid(order_id)


handler = task(close_unpaid)
