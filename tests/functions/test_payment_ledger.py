"""The payment ledger: every movement of money once, and balances that do not ask in which order they came."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.payments.model.money import MoneyEvent, balances
from tests.support.market import INES, Market

ENDS = ["pending", "posted", "failed", "posted, failed"]
AT = datetime(2026, 11, 2, tzinfo=UTC)


def event(kind: str, subject: str, amount: int) -> MoneyEvent:
    return MoneyEvent.model_validate(
        {"order_id": "ord_1", "kind": kind, "subject": subject, "amount_minor": amount, "currency": "EUR", "at": AT}
    )


@pytest.mark.capability("PAY-15")
@given(
    charges=st.lists(st.integers(1, 10**6), max_size=3),
    refunds=st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from(ENDS))),
    seed=st.integers(),
)
def test_balances_are_the_same_in_any_order_and_with_any_repetition(
    charges: list[int], refunds: list[tuple[int, str]], seed: int
) -> None:
    told = [event("charge", f"ch_{n}", amount) for n, amount in enumerate(charges)]
    for n, (amount, end) in enumerate(refunds):
        told.append(event("refund_owed", f"rfd_{n}", amount))
        told += [event(f"refund_{step}", f"rfd_{n}", amount) for step in end.split(", ") if step != "pending"]
    chance = random.Random(seed)
    shuffled = told + chance.choices(told, k=len(told))
    chance.shuffle(shuffled)

    found = balances(shuffled)
    assert found.authorised_minor == found.charged_minor == sum(charges)
    assert found.refunded_minor == sum(amount for amount, end in refunds if end == "posted")
    assert found.pending_minor == sum(amount for amount, end in refunds if end == "pending")


@pytest.fixture
def market(market: Market) -> Market:
    market.goods({"CUP": 1000}, {market.store(): 10})
    return market


@pytest.mark.capability("PAY-15")
def test_the_desk_shows_amount_time_method_and_transaction_number_of_every_movement(market: Market) -> None:
    order_id = market.buy({"CUP": 3})
    market.shop.pass_time(minutes=5)
    market.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "changed my mind"}, as_=INES).ok()
    market.shop.pass_time(minutes=5)
    paid = {"authorised_minor": 3000, "charged_minor": 3000, "disputed_minor": 0, "overdrawn_minor": 0}
    file = market.money(order_id)
    assert file["balances"] == {**paid, "refunded_minor": 0, "pending_minor": 3000}

    market.shop.drain()
    file = market.money(order_id)
    assert file["balances"] == {**paid, "refunded_minor": 3000, "pending_minor": 0}
    charge, refund = market.stripe.objects("charge")[0], market.stripe.objects("refund")[0]
    told = [
        tuple(one[name] for name in ("kind", "at", "method", "transaction_number", "amount_minor"))
        for one in file["events"]
    ]
    assert told == [
        ("charge", "2026-11-02T09:00:00Z", "card", charge["id"], 3000),
        ("refund_owed", "2026-11-02T09:05:00Z", "card", None, 3000),
        ("refund_posted", "2026-11-02T09:10:00Z", "card", refund["id"], 3000),
    ]


@pytest.mark.capability("PAY-15")
def test_a_refund_that_the_bank_sends_back_is_no_refund(market: Market) -> None:
    placed = market.checkout({"CUP": 1})
    order_id = placed.ok()["order"]["order_id"]
    market.pay(placed, "pm_card_refundFail")
    market.hear()
    market.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "changed my mind"}, as_=INES).ok()
    market.shop.drain()
    assert market.money(order_id)["balances"]["refunded_minor"] == 1000

    market.shop.pass_time(seconds=10)
    market.stripe.server.fake.tick()
    market.hear()
    file = market.money(order_id)
    assert (file["balances"]["refunded_minor"], file["balances"]["pending_minor"]) == (0, 0)
    assert file["payment"]["refundable_minor"] == 1000
    assert [refund["status"] for refund in file["refunds"]] == ["voided"]


def test_staff_of_another_store_find_no_payment(market: Market) -> None:
    order_id = market.buy({"CUP": 1})
    clerk = market.shop.staff("payments.read", stores=("sto_else",))
    foreign = market.shop.get(f"/staff/payments/{order_id}", as_=clerk)
    assert (foreign.status, foreign.body) == (404, market.shop.get("/staff/payments/ord_0", as_=clerk).body)
    assert market.shop.get(f"/staff/payments/{order_id}", as_=INES).status == 403
