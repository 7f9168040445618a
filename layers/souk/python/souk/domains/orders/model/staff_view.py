"""An order as staff see it."""

from souk.domains.orders.model.goods import OrderFace, OrderLine
from souk.domains.orders.model.order import Order


class OrderView(OrderFace):
    """An order as staff see it."""

    lines: tuple[OrderLine, ...]

    @classmethod
    def of(cls, order: Order) -> "OrderView":
        return cls.model_validate(order, from_attributes=True)
