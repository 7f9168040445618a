"""An order as whoever knows its number may see it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from souk.domains.orders.model.order import Order
from souk.kernel import ids
from souk.kernel.shapes import (
    Input,
    Noun,
    Texts,
)


class OrderClaim(Input):
    """What somebody without an account knows of their order."""

    number: Annotated[str, Field(strict=True, pattern=ids.ORDER_NUMBER)]
    phone_tail: Annotated[str, Field(strict=True, pattern="^[0-9]{4}$")]


class PublicLine(Noun):
    name: Texts
    options: dict[str, str]
    quantity: int
    shipped: int
    dropped: int
    substituted: int


class PublicStep(Noun):
    status: str
    at: datetime


class PublicOrder(Noun):
    """An order as whoever knows its number may see it: how it stands, and nothing of who bought it or where it goes.

    `became` are the numbers of the orders to ask for in its place.
    """

    number: str
    status: str
    placed_at: datetime
    currency: str
    total_minor: int
    lines: tuple[PublicLine, ...]
    history: tuple[PublicStep, ...]
    became: tuple[str, ...]

    @classmethod
    def of(cls, order: Order) -> "PublicOrder":
        return cls.model_validate(order.model_dump() | {"became": [one.number for one in order.became]})
