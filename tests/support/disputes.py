"""Disputes: a buyer's bank opens and decides them, the shop hears of it or finds it, and staff answer."""

from collections import Counter
from typing import Any

import pytest

from tests.support import books
from tests.support.market import INES, Market
from tests.support.shop import Answer

EVIDENCE = {"text": "The parcel was signed for at the door."}


@pytest.fixture
def market(market: Market) -> Market:
    market.goods({"CUP": 1000}, {market.store(): 200})
    return market


def dispute(market: Market, order_id: str, **said: Any) -> dict[str, Any]:
    """The buyer's bank opens one of what the order was paid with; nobody has told the shop yet."""
    intents = {one["metadata"]["order_id"]: one for one in market.stripe.objects("payment_intent")}
    return market.stripe.control(f"charges/{intents[order_id]['latest_charge']}/dispute", **said)


def unheard(market: Market) -> dict[str, Any]:
    """An order paid with a card whose bank takes it back, which is not heard of yet."""
    placed = market.checkout({"CUP": 2})
    market.pay(placed, "pm_card_createDispute")
    market.shop.post(f"/me/payments/{placed['order']['order_id']}/return", as_=INES).ok()
    (dispute,) = market.stripe.objects("dispute")
    return dispute


def decide(market: Market, opened: dict[str, Any], status: str) -> None:
    market.stripe.control(f"disputes/{opened['id']}/close", status=status)


def hear(market: Market) -> None:
    market.hear()
    market.shop.drain()


def find(market: Market) -> None:
    """No webhook has come."""
    market.shop.invoke("FollowDisputes", {})
    market.shop.drain()


def booked(market: Market) -> Counter[str]:
    return books.accounts(books.entries(market.shop))


def left(market: Market, order_id: str) -> tuple[int, int]:
    """What may still be paid back, and by how much too much has gone."""
    file = market.money(order_id)
    return file["payment"]["refundable_minor"], file["balances"]["overdrawn_minor"]


def topics(market: Market) -> Counter[str]:
    """What staff were told, each store's and head office's inbox."""
    told = Counter(row["topic"] for row in market.shop.rows("Message"))
    return Counter({topic: n for topic, n in told.items() if topic.startswith(("dispute", "payment_over", "top_up"))})


def desk(market: Market, opened: dict[str, Any], order_id: str, verb: str, body: Any = None, **more: Any) -> Answer:
    return market.shop.post(f"/staff/disputes/{order_id}/{opened['id']}/{verb}", body, as_=market.shop.boss, **more)
