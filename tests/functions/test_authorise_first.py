"""Money that is only authorised when the buyer pays, and taken once the shop has found that its order awaits it."""

import json
from itertools import permutations
from typing import Any

import pytest

from tests.support.market import INES, Market
from tests.support.shop import Answer

pytestmark = pytest.mark.capability("PAY-04")


@pytest.fixture
def market(market: Market) -> Market:
    market.set_up(capture="when_paid", payment_methods=["card", "paypal", "alipay_abroad"])
    market.goods({"CUP": 1000}, {market.store(): 50})
    return market


def authorised(market: Market) -> tuple[Answer, str]:
    """An order whose buyer has paid as far as they can, and its id; nobody has told the shop."""
    placed = market.checkout({"CUP": 3})
    assert market.pay(placed, "pm_card_mastercard")["status"] == "requires_capture"
    return placed, str(placed["order"]["order_id"])


def charges(market: Market) -> list[tuple[int, int]]:
    """What was captured and what went back, of each charge."""
    return [(one["amount_captured"], one["amount_refunded"]) for one in market.stripe.objects("charge")]


def status(market: Market, order_id: str) -> str:
    return str(market.order(order_id)["status"])


def test_what_is_authorised_is_taken_once_and_may_go_back_in_parts(market: Market) -> None:
    _, order_id = authorised(market)
    assert charges(market) == [(0, 0)]
    outcomes = [answer["outcome"] for answer in market.hear() + market.hear()]
    assert outcomes == ["PaymentCaptured", "NothingNew"]
    assert (status(market, order_id), charges(market)) == ("paid", [(3000, 0)])
    market.shop.drain()
    market.prepare(order_id)
    market.ship(order_id).ok()
    wish = {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "damaged"}
    case_id = market.shop.post("/me/refunds", wish, as_=INES).ok()["case_id"]
    market.shop.post(f"/staff/refunds/{case_id}/approve", as_=market.shop.boss).ok()
    market.shop.drain()
    market.hear()
    assert charges(market) == [(3000, 1000)]
    assert market.money(order_id)["balances"]["refunded_minor"] == 1000


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_what_stripe_tells_may_come_in_any_order_and_twice(market: Market, order: tuple[int, ...]) -> None:
    market.stripe.ask_for("*")
    _, order_id = authorised(market)
    told = market.stripe.webhooks()
    market.shop.invoke("PollPayments", {})
    told += market.stripe.webhooks()
    about = ("payment_intent.amount_capturable_updated", "payment_intent.succeeded")
    picked = [next(one for one in told if json.loads(one.body)["type"] == type) for type in about]
    for place in (*order, *order):
        body, signature = picked[place]
        market.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers={"Stripe-Signature": signature}).ok()
    assert (status(market, order_id), charges(market)) == ("paid", [(3000, 0)])
    assert [event["kind"] for event in market.money(order_id)["events"]] == ["charge"]


@pytest.mark.parametrize("finder", ["poller", "return page"])
def test_it_is_taken_though_no_webhook_comes(market: Market, finder: str) -> None:
    _, order_id = authorised(market)
    if finder == "poller":
        market.shop.invoke("PollPayments", {})
    else:
        market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
    assert (status(market, order_id), charges(market)) == ("paid", [(3000, 0)])


def test_of_an_order_that_is_cancelled_nothing_is_taken_and_nothing_has_to_go_back(market: Market) -> None:
    _, order_id = authorised(market)
    market.cancel(order_id).ok()
    assert {answer["outcome"] for answer in market.hear()} == {"NothingNew"}
    assert (status(market, order_id), charges(market)) == ("cancelled", [(0, 3000)])
    money = market.money(order_id)
    assert (money["payment"]["status"], money["refunds"], money["events"]) == ("voided", [], [])
    assert market.stripe.fake.account.balances() == {}


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_after"])
def test_a_capture_without_an_answer_is_found_out_and_never_done_twice(market: Market, fault: str) -> None:
    placed, order_id = authorised(market)
    market.stripe.fail_next(fault, 2, f"/v1/payment_intents/{placed['payment']['intent_id']}/capture")
    [answer] = market.hear()
    assert answer.status in (200, 503)
    market.stripe.control("config", faults=[])
    market.shop.invoke("PollPayments", {})
    assert (status(market, order_id), charges(market)) == ("paid", [(3000, 0)])
    assert len(market.money(order_id)["events"]) == 1


def test_what_is_not_this_orders_payment_is_not_taken(market: Market) -> None:
    placed, order_id = authorised(market)
    intent = market.stripe.fake.account.objects["payment_intent"][placed["payment"]["intent_id"]]
    intent["amount"] = 2999
    assert [answer["outcome"] for answer in market.hear()] == ["PaymentQuarantined"]
    assert charges(market) == [(0, 0)]
    intent["amount"] = 3000
    market.shop.invoke("PollPayments", {})
    assert status(market, order_id) == "paid"


def test_an_authorisation_that_lapses_leaves_the_order_to_be_paid_anew(market: Market) -> None:
    market.set_up(payment_seconds=20 * 86_400)
    _, order_id = authorised(market)
    market.stripe.webhooks()
    market.shop.clock.at = market.shop.clock.at.replace(day=market.shop.clock.at.day + 8)
    market.stripe.fake.tick()
    assert [answer["outcome"] for answer in market.hear()] == ["PaymentCanceled"]
    begun = market.shop.post("/me/payments", {"order_id": order_id}, as_=INES).ok()
    market.stripe.buyer.pay(begun["client_secret"])
    market.hear()
    assert (status(market, order_id), charges(market)) == ("paid", [(0, 3000), (3000, 0)])


@pytest.mark.capability("PAY-05")
@pytest.mark.parametrize(
    ("wallet", "means", "first"), [("paypal", "pm_paypal", 0), ("alipay_abroad", "pm_alipay", 3000)]
)
def test_a_wallet_is_approved_and_then_captured_if_it_can_be(
    market: Market, wallet: str, means: str, first: int
) -> None:
    placed = market.checkout({"CUP": 3}, payment_method=wallet)
    seen: dict[str, Any] = market.stripe.buyer.pay(placed["payment"]["client_secret"], means)
    market.stripe.buyer.answer_bank(seen, yes=True)
    assert charges(market) == [(first, 0)]
    market.hear()
    assert (status(market, placed["order"]["order_id"]), charges(market)) == ("paid", [(3000, 0)])
