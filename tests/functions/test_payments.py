"""Card payments as buyers meet them, and the three finishers that each suffice."""

from datetime import timedelta

import pytest

from souk.domains.orders.actions import moves
from souk.domains.orders.store import orders as order_store
from souk.domains.payments.actions import attempts, charges
from souk.domains.payments.store import payments as payment_store
from souk.table.unit import Unit
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer, Shop


@pytest.fixture
def market(market: Market) -> Market:
    """Ten cups at 10.99 in one store."""
    market.goods({"CUP": 1099}, {market.store(): 10})
    return market


def order_id_of(placed: Answer) -> str:
    return str(placed.ok()["order"]["order_id"])


def start(market: Market, order_id: str) -> Answer:
    return market.shop.post("/me/payments", {"order_id": order_id}, as_=INES)


def state(market: Market, order_id: str) -> tuple[str, str]:
    """Of the order and of its payment."""
    payment = market.shop.get(f"/me/payments/{order_id}", as_=INES).ok()
    return market.order(order_id)["status"], payment["status"]


@pytest.mark.capability("PAY-04")
def test_a_buyer_pays_with_a_card_and_the_webhook_tells(market: Market) -> None:
    placed = market.checkout({"CUP": 2})
    order_id = order_id_of(placed)
    assert state(market, order_id) == ("awaiting_payment", "awaiting")
    assert placed["payment"]["publishable_key"] == "pk_test_souk"

    market.pay(placed)
    assert {answer.status for answer in market.hear()} == {200}
    assert state(market, order_id) == ("paid", "captured")
    assert [charge["amount"] for charge in market.stripe.objects("charge")] == [2198]
    assert len(market.shop.facts("OrderPaid")) == 1


@pytest.mark.capability("PAY-04")
def test_a_declined_card_leaves_the_order_waiting_and_another_card_pays_it(market: Market) -> None:
    placed = market.checkout({"CUP": 1})
    order_id = order_id_of(placed)
    market.pay(placed, "pm_card_chargeDeclinedInsufficientFunds")
    market.hear()
    assert state(market, order_id) == ("awaiting_payment", "awaiting")
    assert market.shop.get(f"/me/payments/{order_id}", as_=INES)["decline_code"] == "insufficient_funds"
    assert [fact["decline_code"] for fact in market.shop.facts("PaymentFailed")] == ["insufficient_funds"]

    again = start(market, order_id).ok()
    assert again == placed["payment"]
    market.stripe.buyer.pay(again["client_secret"], "pm_card_mastercard")
    market.hear()
    assert state(market, order_id) == ("paid", "captured")
    assert market.shop.get(f"/me/payments/{order_id}", as_=INES)["decline_code"] is None


@pytest.mark.capability("PAY-04")
@pytest.mark.parametrize(("yes", "after"), [(True, ("paid", "captured")), (False, ("awaiting_payment", "awaiting"))])
def test_the_bank_asks_and_the_return_page_knows_the_answer(market: Market, yes: bool, after: tuple[str, str]) -> None:
    placed = market.checkout({"CUP": 1})
    order_id = order_id_of(placed)
    asked = market.pay(placed, "pm_card_threeDSecure2Required")
    back = market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
    assert back["status"] == "awaiting", "the bank has not been answered yet"

    market.stripe.buyer.answer_bank(asked, yes=yes)
    back = market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
    assert (market.order(order_id)["status"], back["status"]) == after
    assert bool(back["decline_code"]) is not yes


def test_beginning_again_gives_the_same_payment_however_late(market: Market) -> None:
    placed = market.checkout({"CUP": 1})
    order_id = order_id_of(placed)
    assert start(market, order_id).ok() == placed["payment"]
    market.shop.clock.at += timedelta(hours=30)
    assert start(market, order_id).ok() == placed["payment"]
    assert len(market.stripe.objects("payment_intent")) == 1


@pytest.mark.capability("PAY-14")
@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_before", "error_after"])
def test_a_provider_that_does_not_answer_at_checkout_is_asked_again_and_one_payment_is_made(
    market: Market, fault: str
) -> None:
    # A connection that breaks is tried twice by the client itself; a 500 is kept under its key and tried with another.
    market.stripe.fail_next(fault, count=2 if fault.startswith("timeout") else 1)
    placed = market.checkout({"CUP": 1})
    order_id = order_id_of(placed)
    assert placed["payment"] is None

    begun = start(market, order_id).ok()
    market.stripe.buyer.pay(begun["client_secret"])
    market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
    assert state(market, order_id) == ("paid", "captured")
    assert [one["status"] for one in market.stripe.objects("payment_intent")].count("succeeded") == 1


def test_only_a_canceled_attempt_makes_room_for_another(market: Market) -> None:
    placed = market.checkout({"CUP": 1})
    order_id = order_id_of(placed)
    attempts.stop(payment_store.of_order(order_id))
    begun = start(market, order_id).ok()
    assert begun["intent_id"] != placed["payment"]["intent_id"]

    market.hear()  # tells of the cancellation, late
    file = market.money(order_id)
    assert [(one["number"], one["status"]) for one in file["payment"]["attempts"]] == [(1, "canceled"), (2, "open")]
    market.stripe.buyer.pay(begun["client_secret"])
    market.hear()
    assert state(market, order_id) == ("paid", "captured")


def test_another_buyers_payment_is_as_missing_as_one_that_never_was(market: Market) -> None:
    order_id = order_id_of(market.checkout({"CUP": 1}))
    for call in (
        lambda id: market.shop.post("/me/payments", {"order_id": id}, as_=OTTO),
        lambda id: market.shop.get(f"/me/payments/{id}", as_=OTTO),
        lambda id: market.shop.post(f"/me/payments/{id}/return", as_=OTTO),
    ):
        foreign, absent = call(order_id), call("ord_0")
        assert (foreign.status, foreign.body) == (404, absent.body)


def test_what_is_paid_or_over_cannot_be_paid(market: Market) -> None:
    paid = market.buy({"CUP": 1})
    over = order_id_of(market.checkout({"CUP": 1}))
    market.shop.post(f"/me/orders/{over}/cancel", {"reason": "changed my mind"}, as_=INES).ok()
    for order_id in (paid, over):
        refused = start(market, order_id)
        assert (refused.status, refused["code"]) == (409, "nothing_to_pay")


def test_a_wish_to_pay_says_which_order_and_nothing_else(shop: Shop) -> None:
    for wish in ({}, {"order_id": 1}, {"order_id": "a#b"}, {"order_id": "ord_1", "amount_minor": 1}):
        assert shop.post("/me/payments", wish, as_=INES).status == 422


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("first", ["webhook", "return page", "poller"])
def test_each_finisher_alone_suffices_and_all_three_thrice_change_nothing_more(market: Market, first: str) -> None:
    placed = market.checkout({"CUP": 1})
    order_id = order_id_of(placed)
    market.pay(placed)
    finishers = {
        "webhook": lambda: market.hear(),
        "return page": lambda: market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok(),
        "poller": lambda: market.shop.invoke("PollPayments", {}),
    }
    finishers[first]()
    assert state(market, order_id) == ("paid", "captured")
    sources = {"webhook": "webhook", "return page": "return_page", "poller": "poller"}
    assert market.order(order_id)["history"][-1]["by"] == f"system:{sources[first]}"
    before = market.order(order_id)

    for _ in range(3):
        for finish in finishers.values():
            finish()
    market.shop.drain(times=3)
    assert market.order(order_id) == before
    assert len(market.shop.facts("OrderPaid")) == 1
    assert [event["kind"] for event in market.shop.rows("MoneyEvent")] == ["charge"]


@pytest.mark.capability("PAY-16")
def test_a_buyer_who_pays_while_the_order_is_cancelled_has_paid(market: Market) -> None:
    placed = market.checkout({"CUP": 1})
    order_id = order_id_of(placed)
    market.pay(placed)
    refused = market.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "too slow"}, as_=INES)
    assert (refused.status, refused["code"]) == (409, "already_paid")
    assert state(market, order_id) == ("paid", "captured")


@pytest.mark.capability("PAY-16")
def test_money_for_an_order_that_is_over_goes_back_at_once_and_is_counted(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    placed = market.checkout({"CUP": 2})
    order_id = order_id_of(placed)
    with Unit() as unit:  # ended without asking the provider, which the shop itself never does
        moves.cancel(unit, order_store.get(order_id), reason="test", by="test")
        charges.void(unit, payment_store.of_order(order_id))
    market.pay(placed)
    capsys.readouterr()
    market.hear()
    assert '"LatePayment":[1.0]' in capsys.readouterr().out

    market.shop.drain(times=2)
    market.hear()
    market.shop.drain()
    assert state(market, order_id) == ("cancelled", "voided")
    file = market.money(order_id)
    assert (file["balances"]["charged_minor"], file["balances"]["refunded_minor"]) == (2198, 2198)
    assert (file["payment"]["captured_minor"], file["payment"]["refundable_minor"]) == (2198, 0)
    assert [one["amount_refunded"] for one in market.stripe.objects("charge")] == [2198]
    assert [fact["sale"] for fact in market.shop.facts("RefundPosted")] == [None]
    assert not market.shop.facts("OrderPaid")
