"""Money that comes when its order is over."""

from typing import Any
from unittest.mock import patch

from souk.domains.payments.actions import attempts
from tests.support.market import Market
from tests.support.shop import Answer


def over(market: Market, wanted: dict[str, int], by_buyer: bool = False, **more: Any) -> Answer:
    """An order that has ended while the provider takes the money for it all the same; the checkout's answer."""
    placed = market.checkout(wanted, **more)
    order_id = str(placed.ok()["order"]["order_id"])
    with patch.object(attempts, "stop", return_value=None):
        if by_buyer:
            market.cancel(order_id).ok()
        else:
            market.shop.invoke("CloseUnpaid", {"order_id": order_id})
    market.shop.drain()
    return placed


def pay_late(market: Market, placed: Answer) -> str:
    market.pay(placed)
    market.hear()
    market.shop.drain(times=2)
    return str(placed["order"]["order_id"])


def statuses(market: Market, order_id: str) -> tuple[str, str]:
    return market.order(order_id)["status"], market.money(order_id)["payment"]["status"]
