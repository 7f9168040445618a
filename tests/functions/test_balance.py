"""A buyer's balance: topped up, spent in whole or in part, given back to; never below zero, always as booked."""

from typing import Any

import pytest

from souk.domains.access.model import CallerRecord
from souk.table import keys
from souk.table.unit import Unit
from tests.support import books
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer

EMPTY = {"available_minor": 0, "held_minor": 0, "balance_minor": 0}


@pytest.fixture
def market(market: Market) -> Market:
    """Ten cups at 10.00 in one store."""
    market.goods({"CUP": 1000}, {market.store(): 10})
    return market


def top_up(market: Market, amount_minor: int, key: str = "first", **more: Any) -> Answer:
    wanted = {"amount_minor": amount_minor, **more}
    return market.shop.post("/me/payments/top-ups", wanted, as_=INES, headers={"Idempotency-Key": key})


def topped_up(market: Market, amount_minor: int, key: str = "first") -> str:
    begun = top_up(market, amount_minor, key)
    market.pay(begun)
    market.hear()
    market.shop.pass_time(seconds=1)
    return str(begun["top_up"]["order_id"])


def wallet(market: Market) -> dict[str, int]:
    found = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    return {name: one[name] for one in found for name in EMPTY} or EMPTY


def has(available: int, held: int = 0) -> dict[str, int]:
    return {"available_minor": available, "held_minor": held, "balance_minor": available + held}


def statement(market: Market) -> list[tuple[str, int]]:
    found = market.shop.get("/me/wallets/EUR/movements", as_=INES).ok()["items"]
    return [(one["kind"], one["amount_minor"]) for one in reversed(found)]


def buy(market: Market, cups: int, from_balance_minor: int, **more: Any) -> Answer:
    return market.checkout({"CUP": cups}, from_balance_minor=from_balance_minor, **more)


def status(market: Market, order_id: str) -> tuple[str, str]:
    return market.order(order_id)["status"], market.money(order_id)["payment"]["status"]


def shipped(market: Market, order_id: str) -> None:
    market.lay_out(order_id)
    market.ship(order_id).ok()


def give_back(market: Market, order_id: str, cups: int, **more: Any) -> None:
    wish = {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": cups}], "reason": "damaged", **more}
    case_id = market.shop.post("/me/refunds", wish, as_=INES).ok()["case_id"]
    market.shop.post(f"/staff/refunds/{case_id}/approve", as_=market.shop.boss).ok()
    market.shop.drain()
    market.shop.pass_time(seconds=10)
    market.stripe.server.fake.tick()
    market.hear()
    market.shop.drain()
    assert market.shop.get(f"/me/refunds/{case_id}", as_=INES)["status"] == "refunded"


def sent(market: Market) -> int:
    """What the provider has paid back."""
    return sum(refund["amount"] for refund in market.stripe.objects("refund"))


@pytest.mark.capability("PAY-18")
@pytest.mark.parametrize("finisher", ["webhook", "return page", "poller"])
def test_a_top_up_is_the_buyers_to_spend_once_it_is_paid(market: Market, finisher: str) -> None:
    begun = top_up(market, 2500)
    assert top_up(market, 2500).body == begun.body
    assert (top_up(market, 2600).status, wallet(market)) == (409, EMPTY)
    market.pay(begun)
    top_up_id = begun["top_up"]["order_id"]
    for told in (finisher, "webhook", "return page", "poller"):
        if told == "webhook":
            market.hear()
        elif told == "poller":
            market.shop.invoke("PollPayments", {})
        else:
            assert market.shop.post(f"/me/payments/{top_up_id}/return", as_=INES)["status"] == "captured"
        assert wallet(market) == has(2500)
    assert statement(market) == [("top_up", 2500)]
    assert books.accounts(books.entries(market.shop)) == {"clearing:stripe": 2500, "wallet": -2500}
    assert top_up(market, 2500)["payment"] is None
    assert market.money(top_up_id)["balances"]["charged_minor"] == 2500


@pytest.mark.capability("PAY-18")
def test_a_top_up_that_nobody_pays_ends_and_what_comes_too_late_goes_back(market: Market) -> None:
    begun = top_up(market, 2500)
    market.shop.pass_time(hours=1)
    market.shop.invoke("SweepOrders", {})
    assert market.shop.get(f"/me/payments/{begun['top_up']['order_id']}", as_=INES)["status"] == "voided"
    assert wallet(market) == EMPTY

    paid = top_up(market, 700, key="second")
    market.pay(paid)
    market.shop.pass_time(hours=1)
    market.shop.invoke("SweepOrders", {})
    assert wallet(market) == has(700)


@pytest.mark.capability("PAY-18")
def test_an_order_is_paid_from_the_balance_alone(market: Market) -> None:
    topped_up(market, 2500)
    placed = buy(market, 2, 2000, key="once")
    order_id = placed.ok()["order"]["order_id"]
    assert (placed["order"]["status"], placed["payment"]) == ("paid", None)
    assert buy(market, 2, 2000, key="once", quote_id=placed_quote(market, 2)).ok() == placed.ok()
    assert (status(market, order_id), wallet(market)) == (("paid", "captured"), has(500))
    assert statement(market) == [("top_up", 2500), ("spent", -2000)]
    assert len(market.stripe.objects("payment_intent")) == 1

    market.shop.drain()
    market.cancel(order_id).ok()
    assert (wallet(market), sent(market)) == (has(2500), 0)
    assert statement(market)[2:] == [("refund", 2000)]


def placed_quote(market: Market, cups: int) -> str:
    return str(market.quote({"CUP": cups}).ok()["quote_id"])


@pytest.mark.capability("PAY-18", "AFS-03")
def test_part_of_an_order_is_held_then_taken_and_goes_back_where_it_came_from(market: Market) -> None:
    topped_up(market, 1300)
    placed = buy(market, 3, 1300)
    order_id = placed.ok()["order"]["order_id"]
    assert (status(market, order_id), wallet(market)) == (("awaiting_payment", "awaiting"), has(0, 1300))
    assert market.shop.get(f"/me/payments/{order_id}", as_=INES)["amount_minor"] == 1700
    assert market.pay(placed)["amount_received"] == 1700
    market.hear()
    assert (status(market, order_id), wallet(market)) == (("paid", "captured"), EMPTY)
    assert market.money(order_id)["balances"]["charged_minor"] == 3000

    market.shop.drain()
    shipped(market, order_id)
    for back, at_provider, at_shop in ((1, 1000, 0), (1, 1700, 300), (1, 1700, 1300)):
        give_back(market, order_id, back)
        assert (sent(market), wallet(market)["balance_minor"]) == (at_provider, at_shop)
    assert market.money(order_id)["payment"]["refundable_minor"] == 0
    assert market.money(order_id)["balances"]["refunded_minor"] == 3000


@pytest.mark.capability("PAY-18")
@pytest.mark.parametrize("ending", ["cancelled", "expired"])
def test_what_was_held_for_an_order_that_ends_unpaid_can_be_spent_again(market: Market, ending: str) -> None:
    topped_up(market, 1300)
    order_id = buy(market, 2, 1300).ok()["order"]["order_id"]
    assert buy(market, 1, 100).status == 409
    if ending == "cancelled":
        market.cancel(order_id).ok()
    else:
        market.shop.pass_time(hours=1)
        market.shop.invoke("SweepOrders", {})
    assert (status(market, order_id), wallet(market)) == (("cancelled", "voided"), has(1300))
    assert statement(market) == [("top_up", 1300)]


@pytest.mark.capability("AFS-03")
def test_money_goes_to_the_balance_where_the_buyer_would_have_it_there(market: Market) -> None:
    topped_up(market, 500)
    placed = buy(market, 3, 500)
    order_id = placed.ok()["order"]["order_id"]
    market.pay(placed)
    market.hear()
    market.shop.drain()
    shipped(market, order_id)
    give_back(market, order_id, 1, refund_to="balance")
    assert (sent(market), wallet(market)) == (0, has(1000))
    give_back(market, order_id, 2)
    assert (sent(market), wallet(market)) == (1500, has(1500))
    assert market.money(order_id)["payment"]["refundable_minor"] == 0


@pytest.mark.capability("PAY-18")
def test_staff_correct_a_balance_for_a_reason_once(market: Market) -> None:
    with Unit() as unit:
        unit.save(keys.CALLER, CallerRecord(caller_id=INES.id, kind="member"))

    def correct(amount_minor: int, reference: str = "CALL-7", reason: str = "lost in the post") -> Answer:
        said = {"reference": reference, "currency": "EUR", "amount_minor": amount_minor, "reason": reason}
        return market.shop.post(f"/staff/wallets/{INES.id}/corrections", said, as_=market.shop.boss)

    assert correct(900).ok() == correct(900).ok()
    assert (correct(901).status, correct(0, "CALL-8").status) == (409, 422)
    assert (correct(-901, "CALL-9").status, wallet(market)) == (409, has(900))
    market.shop.pass_time(seconds=1)
    correct(-400, "CALL-9").ok()
    assert (wallet(market), statement(market)) == (has(500), [("correction", 900), ("correction", -400)])
    assert books.accounts(books.entries(market.shop)) == {"balance_corrections": 500, "wallet": -500}
    seen = market.shop.get(f"/staff/wallets/{INES.id}/EUR/movements", as_=market.shop.boss).ok()["items"]
    assert seen == market.shop.get("/me/wallets/EUR/movements", as_=INES)["items"]
    said = {"reference": "CALL-7", "currency": "EUR", "amount_minor": 1, "reason": "nobody's"}
    assert market.shop.post("/staff/wallets/nobody/corrections", said, as_=market.shop.boss).status == 404


@pytest.mark.capability("PAY-18")
def test_more_than_there_is_or_than_it_costs_is_not_spent(market: Market) -> None:
    assert (buy(market, 1, 1).status, buy(market, 1, 1)["code"]) == (409, "balance_too_low")
    topped_up(market, 5000)
    assert (buy(market, 1, 1001).status, wallet(market)) == (422, has(5000))
    assert market.checkout({"CUP": 1}, by=OTTO, from_balance_minor=1).status == 409
    assert market.stock("CUP")["reserved"] == 0
