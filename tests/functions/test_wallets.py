"""Stripe's other methods: the buyer agrees elsewhere, now, later, or not at all; and no number of a card is kept."""

import json
from itertools import permutations
from typing import Any

import pytest

from tests.support.card_numbers import card_numbers
from tests.support.market import INES, Market
from tests.support.shop import Answer

MEANS = {"paypal": "pm_paypal", "alipay_abroad": "pm_alipay", "wechat_pay_abroad": "pm_wechat_pay"}
NEXT = {
    "paypal": "redirect_to_url",
    "alipay_abroad": "alipay_handle_redirect",
    "wechat_pay_abroad": "wechat_pay_display_qr_code",
}
WALLETS = [
    pytest.param(wallet, marks=pytest.mark.capability("PAY-05" if wallet == "paypal" else "PAY-07")) for wallet in MEANS
]


@pytest.fixture
def market(market: Market) -> Market:
    market.set_up(payment_methods=["card", *MEANS])
    market.goods({"CUP": 1000}, {market.store(): 50})
    return market


def asked(market: Market, wallet: str) -> tuple[Answer, dict[str, Any]]:
    """An order whose buyer has chosen the wallet, which waits for them to agree."""
    placed = market.checkout({"CUP": 2}, payment_method=wallet)
    assert placed.ok()["payment"]["method"] == wallet
    seen = market.stripe.buyer.pay(placed["payment"]["client_secret"], MEANS[wallet], "https://shop.example.com/back")
    assert (seen["status"], seen["next_action"]["type"]) == ("requires_action", NEXT[wallet])
    return placed, seen


def status(market: Market, placed: Answer) -> str:
    return str(market.order(placed["order"]["order_id"])["status"])


@pytest.mark.parametrize("wallet", WALLETS)
def test_an_order_is_paid_once_its_buyer_agrees_and_goes_back_to_the_wallet(market: Market, wallet: str) -> None:
    placed, seen = asked(market, wallet)
    order_id = placed["order"]["order_id"]
    market.hear()
    assert status(market, placed) == "awaiting_payment"
    market.stripe.buyer.answer_bank(seen, yes=True)
    assert {answer["outcome"] for answer in market.hear()} == {"PaymentCaptured"}
    assert status(market, placed) == "paid"
    [charge] = market.money(order_id)["events"]
    assert (charge["method"], charge["provider"], charge["amount_minor"]) == (wallet, "stripe", 2000)

    market.shop.drain()
    market.cancel(order_id).ok()
    market.shop.drain()
    for refund in market.stripe.objects("refund"):
        market.stripe.control(f"refunds/{refund['id']}/settle", status="succeeded")
    market.hear()
    assert market.money(order_id)["balances"]["refunded_minor"] == 2000


@pytest.mark.capability("ORD-12")
@pytest.mark.parametrize("wallet", WALLETS)
def test_who_does_not_agree_may_choose_another_method(market: Market, wallet: str) -> None:
    placed, seen = asked(market, wallet)
    market.stripe.buyer.answer_bank(seen, yes=False)
    assert [answer["outcome"] for answer in market.hear()] == ["PaymentDeclined"]
    wish = {"order_id": placed["order"]["order_id"], "method": "card"}
    by_card = market.shop.post("/me/payments", wish, as_=INES).ok()
    assert by_card["intent_id"] != placed["payment"]["intent_id"]
    market.stripe.buyer.pay(by_card["client_secret"])
    market.hear()
    assert status(market, placed) == "paid"
    intents = {one["id"]: one["status"] for one in market.stripe.objects("payment_intent")}
    assert intents == {placed["payment"]["intent_id"]: "canceled", by_card["intent_id"]: "succeeded"}


@pytest.mark.parametrize("wallet", WALLETS)
def test_who_agrees_after_the_deadline_pays_nothing(market: Market, wallet: str) -> None:
    placed, seen = asked(market, wallet)
    market.shop.invoke("CloseUnpaid", {"order_id": placed["order"]["order_id"]})
    with pytest.raises(Exception, match="400"):
        market.stripe.buyer.answer_bank(seen, yes=True)
    market.hear()
    assert status(market, placed) == "cancelled"
    assert not market.stripe.objects("charge")


@pytest.mark.parametrize("wallet", WALLETS)
def test_the_intent_takes_no_other_means_than_were_chosen(market: Market, wallet: str) -> None:
    placed = market.checkout({"CUP": 2}, payment_method=wallet)
    with pytest.raises(RuntimeError, match="not allowed"):
        market.pay(placed, "pm_card_visa")


@pytest.mark.capability("PAY-07")
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_stripe_tells_of_a_wallet_may_come_in_any_order(market: Market, order: tuple[int, ...]) -> None:
    market.stripe.ask_for("*")
    placed, seen = asked(market, "alipay_abroad")
    market.stripe.buyer.answer_bank(seen, yes=True)
    told = [one for one in market.stripe.webhooks() if json.loads(one.body)["type"].startswith("payment_intent.")]
    assert len(told) == 3
    for place in order:
        body, signature = told[place]
        market.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers={"Stripe-Signature": signature}).ok()
    assert status(market, placed) == "paid"
    assert len(market.money(placed["order"]["order_id"])["events"]) == 1


@pytest.mark.capability("PAY-03")
@pytest.mark.parametrize("card", ["pm_card_unionpay", "pm_card_visa"])
def test_nothing_of_a_card_is_kept_but_that_it_was_one(market: Market, card: str) -> None:
    placed = market.checkout({"CUP": 2})
    market.pay(placed, card)
    market.hear()
    market.shop.drain()
    assert status(market, placed) == "paid"
    [charge] = market.stripe.objects("charge")
    details = charge["payment_method_details"]["card"]
    kinds = {item["kind"] for item in market.shop.everything().values()}
    assert {"Payment", "MoneyEvent", "ProviderEvent", "Order"} <= kinds
    kept = json.dumps([market.shop.rows(kind) for kind in kinds])
    for secret in (card, f'"{details["last4"]}"', "exp_month", "unionpay", "cvc"):
        assert secret not in kept
    assert not card_numbers(kept)


@pytest.mark.capability("PAY-03")
def test_a_number_of_a_card_would_be_found_however_it_is_written() -> None:
    for number in ("4242424242424242", "4242 4242 4242 4242", "6200-0000-0000-0005", "6212345678901234567"):
        assert card_numbers(json.dumps({"note": f"paid with {number}"})) == [number]
    ids = {"id": "pi_1234567890123456", "request_id": "74816719-8811-4988-9955-653724328490"}
    assert not card_numbers(json.dumps(ids | {"at": "2026-11-22T10:00:00Z"}))
