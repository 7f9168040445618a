"""Orders that are paid by bank transfer, and what comes to the shop's account as staff enter it."""

from typing import Any

import pytest

from tests.support import books
from tests.support.market import Market
from tests.support.shop import Answer

ACCOUNT = {"holder": "Souk Lda", "number": "PT50000201231234567890154", "bic": "BCOMPTPL", "bank": "Banco do Souk"}
DAYS = 7 * 86_400


@pytest.fixture
def market(market: Market) -> Market:
    """Ten cups at 10.00 in one store, of a shop that takes transfers."""
    market.goods({"CUP": 1000}, {market.store(): 10})
    market.set_up(payment_methods=["card", "bank_transfer"], bank_account=ACCOUNT, transfer_seconds=DAYS)
    return market


def place(market: Market, units: int = 2, **more: Any) -> tuple[str, dict[str, str]]:
    """The order, and what its buyer is told to transfer."""
    placed = market.checkout({"CUP": units}, payment_method="bank_transfer", **more).ok()
    market.shop.drain()
    return placed["order"]["order_id"], placed["payment"]["action"]


def enter(market: Market, minor: int, text: str | None = None, reference: str = "", **more: Any) -> Answer:
    told = {
        "bank_reference": reference or f"BK-{market.shop.next_number()}",
        "received_on": "2026-11-02",
        "amount_minor": minor,
        "currency": "EUR",
        "text": text,
        **more,
    }
    answer = market.shop.post("/staff/bank-transfers", told, as_=market.shop.boss)
    market.shop.drain()
    return answer


def state(market: Market, order_id: str) -> tuple[str, str]:
    return market.order(order_id)["status"], market.money(order_id)["payment"]["status"]


def balance(market: Market) -> dict[str, int]:
    """What is at the bank, on suspense, and to be sent."""
    sums = books.accounts(books.entries(market.shop))
    return {name: sums[name] for name in ("bank", "suspense", "refunds_payable")}
