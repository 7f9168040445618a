"""Disputes of money that is on a buyer's balance: it bears what it was given of that, and nothing else."""

from collections.abc import Callable
from unittest.mock import patch

import pytest

from souk.domains.payments.actions import attempts
from tests.support import wallets
from tests.support.disputes import (
    EVIDENCE,
    booked,
    decide,
    desk,
    dispute,
    find,
    hear,
    left,
    market,
    topics,
)
from tests.support.market import INES, Market
from tests.support.refunds import give_back, settle, shipped

__all__ = ["market"]


def balance(market: Market) -> tuple[int, list[tuple[str, int]]]:
    """What the buyer has with the shop, and what was taken from it and given back for disputes."""
    [wallet] = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    movements = market.shop.get("/me/wallets/EUR/movements", as_=INES).ok()["items"]
    said = [(one["about"], one["amount_minor"]) for one in movements if one["kind"] == "disputed"]
    return wallet["available_minor"], said[::-1]


def topped_up(market: Market) -> str:
    headers = {"Idempotency-Key": "top up"}
    begun = market.shop.post("/me/payments/top-ups", {"amount_minor": 5000}, as_=INES, headers=headers)
    market.pay(begun)
    hear(market)
    return str(begun.ok()["top_up"]["order_id"])


def given_back_to_the_balance(market: Market) -> str:
    order_id = market.buy({"CUP": 5})
    said = {"reason": "too many", "refund_to": "balance"}
    market.shop.post(f"/me/orders/{order_id}/cancel", said, as_=INES).ok()
    market.shop.drain()
    return order_id


@pytest.mark.capability("PAY-15")
@pytest.mark.parametrize("hear", [hear, find])
@pytest.mark.parametrize("paid", [topped_up, given_back_to_the_balance])
@pytest.mark.parametrize("spent", [0, 2])
@pytest.mark.parametrize("status", ["won", "lost"])
def test_what_a_bank_takes_back_is_not_left_on_the_balance_that_it_went_to(
    market: Market, paid: Callable[[Market], str], spent: int, status: str, hear: Callable[[Market], None]
) -> None:
    order_id = paid(market)
    if spent:
        market.checkout({"CUP": spent}, from_balance_minor=1000 * spent).ok()
    left_minor = 5000 - 1000 * spent
    assert balance(market) == (left_minor, [])
    opened = dispute(market, order_id)
    hear(market)
    assert balance(market) == (0, [(order_id, -left_minor)])
    refused = market.checkout({"CUP": 1}, from_balance_minor=1000)
    assert (refused.status, refused["code"]) == (409, "balance_too_low")
    head_office_and_the_store = {"payment_overdrawn": 2}
    assert topics(market) == ({"top_up_disputed": 1} if paid is topped_up else head_office_and_the_store)
    market.shop.pass_time(days=30)
    decide(market, opened, status)
    for _ in range(2):
        hear(market)
    taken = booked(market)
    if status == "won":
        assert balance(market) == (left_minor, [(order_id, -left_minor), (order_id, left_minor)])
        assert (taken["wallet"], taken["dispute_losses"]) == (-left_minor, 0)
    else:
        assert balance(market) == (0, [(order_id, -left_minor)])
        assert (taken["wallet"], taken["dispute_losses"]) == (0, 5000 - left_minor)
    assert taken["disputed"] == 0


@pytest.mark.capability("PAY-15")
def test_who_answers_an_inquiry_that_has_become_more_finds_the_balance_taken_back(market: Market) -> None:
    order_id = topped_up(market)
    opened = dispute(market, order_id, kind="inquiry")
    hear(market)
    assert balance(market) == (5000, [])
    market.stripe.control(f"disputes/{opened['id']}/escalate")
    desk(market, opened, order_id, "evidence", EVIDENCE).ok()
    assert balance(market) == (0, [(order_id, -5000)])


@pytest.mark.capability("PAY-15")
@pytest.mark.parametrize("status", ["won", "lost"])
def test_whatever_staff_are_told_of_a_disputed_top_up_calls_it_one(market: Market, status: str) -> None:
    top_up_id = topped_up(market)
    opened = dispute(market, top_up_id, kind="inquiry")
    hear(market)
    market.stripe.control(f"disputes/{opened['id']}/escalate")
    hear(market)
    decide(market, opened, status)
    hear(market)
    assert topics(market) == {"dispute_inquiry": 1, "top_up_disputed": 1, f"dispute_{status}": 1}
    told = [row for row in market.shop.rows("Message") if row["about"] == top_up_id]
    assert len(told) == 3
    for message in told:
        words = message["text"]
        assert top_up_id in words["en"] and f"充值 {top_up_id}" in words["zh"]
        assert "order" not in words["en"] and "订单" not in words["zh"]


@pytest.mark.capability("PAY-15")
def test_a_balance_bears_nothing_for_what_went_back_to_a_card(market: Market) -> None:
    wallets.correct(market.shop, 5000).ok()
    order_id = shipped(market, CUP=2)
    give_back(market, order_id, CUP=1)
    settle(market)
    dispute(market, order_id)
    hear(market)
    assert (left(market, order_id), balance(market)) == ((-1000, 1000), (5000, []))


@pytest.mark.capability("PAY-15")
@pytest.mark.parametrize(("card", "taken"), [("pm_card_visa", 0), ("pm_card_refundFail", 900)])
def test_of_a_top_up_that_came_too_late_a_balance_bears_what_it_was_given_and_no_card(
    market: Market, card: str, taken: int
) -> None:
    """What the card did not take back staff have given on the balance."""
    headers = {"Idempotency-Key": "late"}
    late = market.shop.post("/me/payments/top-ups", {"amount_minor": 900}, as_=INES, headers=headers).ok()
    with patch.object(attempts, "stop", return_value=None):
        market.shop.pass_time(hours=2)
        market.shop.invoke("SweepOrders", {})
    market.stripe.buyer.pay(late["payment"]["client_secret"], card)
    hear(market)
    settle(market)
    wallets.correct(market.shop, 5000).ok()
    top_up_id = late["top_up"]["order_id"]
    if taken:
        (failed,) = market.money(top_up_id)["refunds"]
        path = f"/staff/payments/{top_up_id}/refunds/{failed['refund_id']}/retry"
        market.shop.call("POST", path, as_=market.shop.boss, query={"to": "balance"}).ok()
    dispute(market, top_up_id)
    hear(market)
    assert left(market, top_up_id) == (-900, 900)
    assert balance(market) == (5000, [(top_up_id, -taken)] if taken else [])
