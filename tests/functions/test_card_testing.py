"""Whoever tries cards that are not theirs is soon at their limit, and the provider is asked no more."""

from collections import Counter
from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import pytest

from souk.kernel.caller import Caller
from tests.support import sales
from tests.support.alipay import Alipay
from tests.support.market import ADDRESS, CONTACT, INES, Market
from tests.support.shop import Answer

DECLINED = [
    "pm_card_chargeDeclined",
    "pm_card_chargeDeclinedInsufficientFunds",
    "pm_card_chargeDeclinedLostCard",
    "pm_card_chargeDeclinedStolenCard",
    "pm_card_chargeDeclinedFraudulent",
    "pm_card_chargeDeclinedExpiredCard",
    "pm_card_chargeDeclinedIncorrectCvc",
    "pm_card_chargeDeclinedProcessingError",
]
ONE = DECLINED[:1]


@pytest.fixture
def market(market: Market) -> Market:
    market.goods({"CUP": 1000}, {market.store(): 900})
    return market


def visitor(number: int) -> Caller:
    return Caller(id=f"gst_{number}", kind="guest", may=INES.may)


def place(market: Market, by: Caller, address: str, key: str | None = None, sku: str = "CUP", **more: Any) -> Answer:
    quote_id = market.quote({sku: 1}, by=by).ok()["quote_id"]
    body = {"lines": [{"sku": sku, "quantity": 1}], "quote_id": quote_id, "address": ADDRESS, "contact": CONTACT}
    headers = {"Idempotency-Key": key or f"key-{market.shop.next_number()}"}
    return market.shop.call("POST", "/me/checkout", body | more, as_=by, headers=headers, source=address)


def start(market: Market, order_id: str, by: Caller, address: str, **more: Any) -> Answer:
    return market.shop.call("POST", "/me/payments", {"order_id": order_id, **more}, as_=by, source=address)


def top_up(market: Market, by: Caller, address: str, key: str, method: str = "card") -> Answer:
    body, headers = {"amount_minor": 700, "method": method}, {"Idempotency-Key": key}
    return market.shop.call("POST", "/me/payments/top-ups", body, as_=by, headers=headers, source=address)


def try_cards(market: Market, placed: Answer, cards: list[str], tries: int) -> None:
    """By a browser that has what it needs, until the provider takes no more; the shop hears of each."""
    for card in islice(cycle(cards), tries):
        market.pay(placed, card)
        market.hear()


def declines(market: Market) -> Counter[str]:
    """What reached the provider, by order."""
    charges = market.stripe.objects("charge")
    return Counter(one["metadata"]["order_id"] for one in charges if one["status"] == "failed")


@pytest.mark.capability("PAY-10")
def test_thirty_declined_cards_in_one_cart(market: Market) -> None:
    placed = place(market, INES, "192.0.2.1")
    order_id = placed.ok()["order"]["order_id"]
    try_cards(market, placed, ONE, 30)
    assert declines(market) == {order_id: 5}
    before = len(market.stripe.fake.account.objects["payment_intent"])
    refused = start(market, order_id, INES, "192.0.2.1")
    assert (refused.status, refused["code"]) == (429, "too_many")
    assert len(market.stripe.fake.account.objects["payment_intent"]) == before
    market.shop.pass_time(hours=2)
    market.shop.invoke("CloseUnpaid", {"order_id": order_id})
    assert market.order(order_id)["status"] == "cancelled"
    assert market.stock("CUP")["reserved"] == 0


@pytest.mark.capability("PAY-10")
def test_a_checkout_that_is_repeated_hands_out_nothing_more_to_try_cards_with(market: Market) -> None:
    for _ in range(12):
        placed = place(market, INES, "192.0.2.1", key="once and again").ok()
        if placed["payment"]:
            market.pay(placed, ONE[0])
            market.hear()
    assert placed["payment"] is None and placed["order"]["status"] == "awaiting_payment"
    assert declines(market) == {placed["order"]["order_id"]: 5}


@pytest.mark.capability("PAY-10")
def test_a_checkout_of_a_flash_sale_that_is_repeated_hands_out_nothing_more_either(market: Market) -> None:
    store_id = market.store("Souk Baixa")
    market.receive(store_id, {"CUP": 20})
    sale_id = sales.running(market, store_id, "CUP")
    for _ in range(12):
        placed = sales.buy(market, sale_id, key="once and again").ok()
        if placed["payment"]:
            market.pay(placed, ONE[0])
            market.hear()
    assert declines(market) == {placed["order"]["order_id"]: 5}


@pytest.mark.capability("PAY-10")
@pytest.mark.parametrize("then", ["card", "wechat_pay"])
def test_a_top_up_that_is_repeated_is_refused_after_five_declines(market: Market, then: str) -> None:
    """By whatever method it is said to be now: it goes on by the one it was begun with."""
    answers = []
    for number in range(12):
        answers.append(top_up(market, INES, "192.0.2.1", "once and again", then if number else "card"))
        if answers[-1].status == 201:
            market.stripe.buyer.pay(answers[-1]["payment"]["client_secret"], ONE[0])
            market.hear()
    assert declines(market).total() == 5
    assert [answer.status for answer in answers] == [201] * 5 + [429] * 7


@pytest.mark.capability("PAY-10")
def test_top_ups_count_by_address_too(market: Market) -> None:
    answers = []
    for number in range(20):
        answers.append(top_up(market, visitor(number), "192.0.2.1", "mine"))
        if answers[-1].status == 201:
            market.stripe.buyer.pay(answers[-1]["payment"]["client_secret"], ONE[0])
            market.hear()
    assert declines(market).total() == 10
    assert [answer.status for answer in answers] == [201] * 10 + [429] * 10
    assert place(market, visitor(99), "192.0.2.1").status == 429


@pytest.mark.capability("PAY-10")
def test_an_address_that_tried_cards_may_pay_by_what_tries_none(market: Market, alipay: Alipay) -> None:
    """Others may share it: a whole building, or every telephone of a provider."""
    market.set_up(currency="CNY", payment_methods=["card", "alipay"])
    market.goods({"BOWL": 1000}, {market.store(): 9})
    waiting = place(market, INES, "192.0.2.1", sku="BOWL").ok()["order"]["order_id"]
    for number in range(2):
        try_cards(market, place(market, visitor(number), "192.0.2.1", sku="BOWL"), ONE, 5)
    assert start(market, waiting, INES, "192.0.2.1").status == 429
    assert place(market, visitor(9), "192.0.2.1", sku="BOWL").status == 429
    begun = [
        start(market, waiting, INES, "192.0.2.1", method="alipay").ok(),
        place(market, visitor(9), "192.0.2.1", sku="BOWL", payment_method="alipay").ok()["payment"],
    ]
    assert [alipay.merchant.pay(one["intent_id"]) for one in begun] == [True, True]
    assert {answer.ok() for answer in alipay.tell(market.shop)} == {"success"}
    assert market.order(waiting)["status"] == "paid"


@pytest.mark.capability("PAY-10")
def test_two_hundred_declines_from_one_address(market: Market) -> None:
    """Whoever they say they are: ten of an hour reach the provider, whatever is ordered."""
    answers: list[Answer] = []
    for number in range(40):
        placed = place(market, visitor(number), "192.0.2.1")
        answers.append(placed)
        if placed.status == 201:
            try_cards(market, placed, ONE, 5)
    assert declines(market).total() == 10
    assert {answer.status for answer in answers[2:]} == {429}
    assert answers[2]["retry_after_seconds"] <= 3600
    other = place(market, INES, "192.0.2.2")
    market.pay(other)
    market.hear()
    assert market.order(other["order"]["order_id"])["status"] == "paid"
    market.shop.pass_time(hours=1)
    assert place(market, visitor(0), "192.0.2.1").status == 201


@pytest.mark.capability("PAY-10")
def test_two_hundred_declines_from_twenty_addresses(market: Market) -> None:
    for number in range(40):
        placed = place(market, visitor(number), f"192.0.2.{number % 20}")
        if placed.status == 201:
            try_cards(market, placed, ONE, 5)
    assert declines(market).total() == 200 and max(declines(market).values()) == 5
    assert all(place(market, visitor(99), f"192.0.2.{number}").status == 429 for number in range(20))


@pytest.mark.capability("PAY-10")
def test_a_buyer_with_five_cards_an_hour_tries_no_sixth(market: Market) -> None:
    """As the provider tells cards apart, over orders and addresses; the same card counts once."""
    seen: list[int] = []
    for number, cards in enumerate((ONE, DECLINED[:2], DECLINED[2:6])):
        placed = place(market, INES, f"192.0.2.{number}")
        seen.append(placed.status)
        try_cards(market, placed, cards, 4)
    assert seen == [201, 201, 201]
    tried = {one["payment_method"] for one in market.stripe.objects("charge")}
    assert tried == {*DECLINED[:5]}
    assert place(market, INES, "192.0.2.9").status == 429
    assert place(market, visitor(1), "192.0.2.9").status == 201


def by_webhook(market: Market, order_id: str) -> None:
    market.hear()


def by_return_page(market: Market, order_id: str) -> None:
    market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()


def by_poller(market: Market, order_id: str) -> None:
    market.shop.invoke("PollPayments", {})


@pytest.mark.capability("PAY-10")
@pytest.mark.parametrize("hear", [by_webhook, by_return_page, by_poller])
def test_a_decline_counts_once_whoever_hears_of_it_and_another_card_may_pay(
    market: Market, hear: Callable[[Market, str], None]
) -> None:
    placed = place(market, INES, "192.0.2.1")
    order_id = placed["order"]["order_id"]
    market.pay(placed, ONE[0])
    told = market.stripe.webhooks() * 5 if hear is by_webhook else []
    hear(market, order_id)
    for body, signature in told:
        headers = {"Stripe-Signature": signature}
        market.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers=headers).ok()
    tries = {row["limit"]: row for row in market.shop.rows("Tries") if not row["limit"].endswith("_seen")}
    assert {name: row["tries"] for name, row in tries.items()} == dict.fromkeys(
        ("declines_of_order", "declines_by_address", "cards_of_buyer"), 1
    )
    assert start(market, order_id, INES, "192.0.2.1").status == 200
    market.pay(placed)
    market.hear()
    assert market.order(order_id)["status"] == "paid"


@pytest.mark.capability("PAY-10")
@pytest.mark.parametrize("name", ["return_url", "success_url", "redirect_url"])
def test_no_request_says_where_the_buyer_is_sent_after_paying(market: Market, name: str) -> None:
    """The only addresses are the shop's own, which stand in the providers' secrets: there is nothing to forge."""
    placed = place(market, INES, "192.0.2.1")
    forged = {"order_id": placed["order"]["order_id"], name: "https://shop.example.com.evil.example/thanks"}
    with market.shop.unchanged():
        refused = market.shop.post("/me/payments", forged, as_=INES)
        assert refused.status == 422
        body = {"lines": [{"sku": "CUP", "quantity": 1}], "quote_id": "0" * 32, "address": ADDRESS, "contact": CONTACT}
        headers = {"Idempotency-Key": "forged"}
        assert market.shop.post("/me/checkout", body | {name: forged[name]}, as_=INES, headers=headers).status == 422
