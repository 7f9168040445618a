"""The provider's webhook: what is not signed is refused, what is not ours is set aside, the rest happens once."""

import json
import random
from base64 import b64encode
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from infra.local.stripe.outbox import sign
from tests.support.market import Market
from tests.support.shop import Answer, Shop
from tests.support.stripe import SignedBody
from tests.support.table import calls

SECRET = "whsec_souk"
Forge = Callable[[bytes, int], tuple[bytes, str | None]]


@pytest.fixture
def market(market: Market) -> Market:
    market.goods({"CUP": 1000}, {market.store(): 200})
    return market


def hear(shop: Shop, body: bytes, signature: str | None) -> Answer:
    """As the gateway hands over any bytes."""
    event = {
        "path": "/hooks/stripe",
        "httpMethod": "POST",
        "resource": "/hooks/stripe",
        "isBase64Encoded": True,
        "headers": {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature},
        "body": b64encode(body).decode(),
        "requestContext": {"requestId": "r", "path": "/v1/hooks/stripe"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
    }
    answer = shop.invoke("StripeWebhook", event)
    return Answer(answer["statusCode"], json.loads(answer["body"]))


def signed(shop: Shop, event: dict[str, Any]) -> tuple[bytes, str]:
    body = json.dumps(event).encode()
    return body, sign(body, [SECRET], int(shop.clock.at.timestamp()))


def told(market: Market, type: str, about: dict[str, Any], **changes: Any) -> Answer:
    """An event with a good signature, about an object as the account holds it."""
    event = {
        "id": f"evt_{market.shop.next_number()}",
        "object": "event",
        "type": type,
        "livemode": False,
        "created": int(market.shop.clock.at.timestamp()),
        "data": {"object": about},
        **changes,
    }
    return hear(market.shop, *signed(market.shop, event))


def paid_but_not_told(market: Market) -> tuple[str, dict[str, Any]]:
    """An order whose buyer has paid, and the intent as the provider holds it."""
    placed = market.checkout({"CUP": 1})
    market.pay(placed)
    intent_id = placed["payment"]["intent_id"]
    return placed["order"]["order_id"], market.stripe.server.fake.account.objects["payment_intent"][intent_id]


def kept(market: Market) -> dict[str, str]:
    return {row["event_id"]: row["outcome"] for row in market.shop.rows("ProviderEvent")}


FORGERIES: dict[str, Forge] = {
    "no signature": lambda body, at: (body, None),
    "a wrong signature": lambda body, at: (body, f"t={at},v1={'0' * 64}"),
    "v0 only": lambda body, at: (body, sign(body, [SECRET], at).replace("v1=", "v0=")),
    "another secret": lambda body, at: (body, sign(body, ["whsec_other"], at)),
    "written anew": lambda body, at: (json.dumps(json.loads(body), indent=1).encode(), sign(body, [SECRET], at)),
    "301 seconds old": lambda body, at: (body, sign(body, [SECRET], at - 301)),
    "a day ahead": lambda body, at: (body, sign(body, [SECRET], at + 86_400)),
    "no time": lambda body, at: (body, sign(body, [SECRET], at).replace(f"t={at}", "t=abc")),
    "not UTF-8": lambda body, at: (body + b"\xff", sign(body + b"\xff", [SECRET], at)),
    "an empty list": lambda body, at: (b"[]", sign(b"[]", [SECRET], at)),
    "a thin event": lambda body, at: ((thin := body.replace(b'"event"', b'"v2.core.event"')), sign(thin, [SECRET], at)),
}


@pytest.mark.capability("PAY-04")
def test_what_is_not_signed_for_us_and_now_is_refused_and_nothing_is_kept(market: Market) -> None:
    order_id, _ = paid_but_not_told(market)
    bodies = [webhook.body for webhook in market.stripe.webhooks()]
    body = next(body for body in bodies if b'"payment_intent.succeeded"' in body)
    for name, forge in FORGERIES.items():
        answer = hear(market.shop, *forge(body, int(market.shop.clock.at.timestamp())))
        assert (name, answer.status) == (name, 400)
    assert not kept(market)
    assert market.order(order_id)["status"] == "awaiting_payment"
    assert hear(market.shop, body, sign(body, [SECRET], int(market.shop.clock.at.timestamp()))).status == 200
    assert market.order(order_id)["status"] == "paid"


@pytest.mark.capability("PAY-16")
def test_money_that_does_not_fit_the_order_is_set_aside_and_changes_no_order(market: Market) -> None:
    order_id, intent = paid_but_not_told(market)
    other_id, _ = paid_but_not_told(market)
    of_order = {"metadata": {"order_id": order_id}}
    misfits: list[dict[str, Any]] = [
        {"metadata": {"order_id": other_id}},
        {"metadata": {"order_id": "ord_0"}},
        {"metadata": {"order_id": "a#b"}},
        {"metadata": {}},
        {"amount": 1},
        {"amount_received": 999},
        {"currency": "usd"},
        {"livemode": True},
    ]
    for misfit in misfits:
        right = {name: intent[name] for name in misfit} | of_order
        intent.update(misfit)
        answer = told(market, "payment_intent.succeeded", intent)
        assert (misfit, answer.status, answer["outcome"]) == (misfit, 200, "PaymentQuarantined")
        intent.update(right)
    assert list(kept(market).values()) == ["PaymentQuarantined"] * len(misfits)
    assert {market.order(id)["status"] for id in (order_id, other_id)} == {"awaiting_payment"}
    assert told(market, "payment_intent.succeeded", intent)["outcome"] == "PaymentCaptured"


def test_an_event_of_another_mode_or_account_or_of_nothing_is_set_aside(market: Market) -> None:
    order_id, intent = paid_but_not_told(market)
    foreign: list[dict[str, Any]] = [{"livemode": True}, {"account": "acct_other"}, {"data": {"object": {}}}]
    for changes in foreign:
        assert told(market, "payment_intent.succeeded", intent, **changes)["outcome"] == "PaymentQuarantined"
    assert market.order(order_id)["status"] == "awaiting_payment"


def test_a_refund_that_the_shop_never_sent_is_set_aside(market: Market) -> None:
    order_id, intent = paid_but_not_told(market)
    market.hear()
    account = market.stripe.server.fake.account
    by_hand = account.new(
        "refund",
        amount=10,
        currency="eur",
        status="succeeded",
        metadata={},
        failure_reason=None,
        payment_intent=intent["id"],
    )
    assert told(market, "refund.created", by_hand)["outcome"] == "PaymentQuarantined"
    assert market.shop.get(f"/staff/payments/{order_id}", as_=market.shop.boss)["refunds"] == []


def test_a_type_without_effect_is_kept_and_answered(market: Market) -> None:
    order_id, intent = paid_but_not_told(market)
    expected = {
        "payment_intent.created": "ProviderEventIgnored",
        "charge.updated": "ProviderEventIgnored",
        "charge.dispute.created": "ProviderEventUnknown",
        "invented.tomorrow": "ProviderEventUnknown",
    }
    for type, outcome in expected.items():
        answer = told(market, type, intent)
        assert (answer.status, answer["outcome"]) == (200, outcome)
    assert list(kept(market).values()) == list(expected.values())
    assert market.order(order_id)["status"] == "awaiting_payment"


@pytest.mark.capability("PAY-16")
def test_events_in_any_order_and_repeated_make_one_paid_order(market: Market) -> None:
    chance, orders = random.Random(7), []
    for _ in range(6):
        placed = market.checkout({"CUP": 1})
        market.pay(placed, "pm_card_chargeDeclined")
        market.pay(placed)
        orders.append(placed["order"]["order_id"])
        events = market.stripe.webhooks()
        assert len(events) == 6, "created, failed twice over, succeeded twice over, settled"
        deliveries = events + chance.choices(events, k=6)
        chance.shuffle(deliveries)
        assert {_deliver(market, one).status for one in deliveries} == {200}
    assert {market.order(order_id)["status"] for order_id in orders} == {"paid"}
    assert len(market.shop.facts("OrderPaid")) == len(orders)
    assert sorted(row["order_id"] for row in market.shop.rows("MoneyEvent")) == sorted(orders)


@pytest.mark.capability("PAY-16")
def test_the_three_events_that_matter_lead_to_the_same_in_every_order(market: Market) -> None:
    for order_of_events in permutations(range(3)):
        placed = market.checkout({"CUP": 1})
        market.pay(placed, "pm_card_chargeDeclined")
        market.pay(placed)
        matter = [one for one in market.stripe.webhooks() if json.loads(one.body)["type"].startswith("payment_intent")]
        for at in order_of_events:
            _deliver(market, matter[at])
        assert market.order(placed["order"]["order_id"])["status"] == "paid"
    assert len(market.shop.facts("OrderPaid")) == 6


def test_while_the_provider_does_not_answer_nothing_is_kept_and_the_event_may_come_again(market: Market) -> None:
    order_id, _ = paid_but_not_told(market)
    event = next(one for one in market.stripe.webhooks() if b"payment_intent.succeeded" in one.body)
    market.stripe.fail_next("timeout_before", count=2, path="/v1/payment_intents")
    assert _deliver(market, event).status == 503
    assert not kept(market)
    assert _deliver(market, event)["outcome"] == "PaymentCaptured"
    assert _deliver(market, event)["outcome"] == "ProviderEventSeenBefore"
    assert market.order(order_id)["status"] == "paid"


def test_a_webhook_costs_one_query_and_one_transaction(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    paid_but_not_told(market)
    events, made = market.stripe.webhooks(), calls(monkeypatch)
    for event in events:
        made.clear()
        _deliver(market, event)
        assert made in (["query", "write"], ["write"]), event.body
    assert len(market.shop.facts("OrderPaid")) == 1


def _deliver(market: Market, event: SignedBody) -> Answer:
    return hear(market.shop, event.body, event.signature)
