"""Orders in lists."""

from datetime import datetime
from typing import Literal

from souk.domains.orders.model.lifecycle import Life
from souk.domains.orders.model.order import Order
from souk.kernel.shapes import (
    Noun,
)

Status = Literal[
    "awaiting_payment",
    "awaiting_return",
    "paid",
    "held",
    "released",
    "confirmed",
    "reassigned",
    "unassigned",
    "ready",
    "part_shipped",
    "shipped",
    "received",
    "completed",
    "split",
    "merged",
    "cancelled",
]


class OrderName(Noun):
    """The number is what buyers and staff call it by."""

    order_id: str
    number: str


class OrderCard(Noun):
    """An order in a list."""

    order_id: str
    number: str
    status: str
    store_id: str
    buyer_id: str
    buyer_name: str
    phone_tail: str
    placed_at: datetime
    total_minor: int
    currency: str


class ParkedOrder(OrderCard):
    """An order whose workflow gave up: when, and for which failure."""

    parked_at: datetime | None
    failure: str | None

    @classmethod
    def of(cls, order: Order, life: Life) -> "ParkedOrder":
        card = OrderCard.model_validate(order, from_attributes=True)
        return cls(**dict(card), parked_at=life.parked_at, failure=life.failure)
