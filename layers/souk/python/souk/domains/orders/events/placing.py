"""What is told of an order that is placed."""

from datetime import datetime

from souk.kernel.fact import Fact


class _OfOrder(Fact):
    """What every fact of an order says; `placed_at` is the order's own date, which reports go by.

    `merchant_id` is who sells all of it: none where that is the retailer, or several before it is split.
    """

    order_id: str
    number: str
    buyer_id: str
    store_id: str
    merchant_id: str | None = None
    placed_at: datetime


class _Held(_OfOrder):
    """`also_at` are other stores that hold goods for it: it is split among them as soon as it is paid."""

    also_at: tuple[str, ...] = ()


class OrderPlaced(_Held):
    pay_until: datetime
    units: dict[str, int]
