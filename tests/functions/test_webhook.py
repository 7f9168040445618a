"""The provider's webhook: what is not signed is refused, what is not ours is set aside, the rest happens once."""

import hmac
import json
import random
import re
from base64 import b64encode
from collections.abc import Callable
from itertools import permutations
from types import SimpleNamespace
from typing import Any, get_args

import pytest
import stripe as sdk
from botocore.exceptions import ClientError, EndpointConnectionError

from infra.local.stripe.outbox import sign
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.provider import (
    DISPUTE_EVENTS,
    IGNORED_EVENTS,
    INTENT_EVENTS,
    METHOD_EVENTS,
    OLDER_REFUND_EVENTS,
    REFUND_EVENTS,
)
from souk.gateways import secrets
from souk.kernel.kept import forget_all
from tests.support.market import Market
from tests.support.shop import Answer, Shop
from tests.support.stripe import SignedBody
from tests.support.table import calls

SECRET = "whsec_souk"
HANDLED = INTENT_EVENTS | REFUND_EVENTS | OLDER_REFUND_EVENTS | DISPUTE_EVENTS | METHOD_EVENTS
Forge = Callable[[bytes, int], tuple[bytes, str | None]]
WIDE = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}


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


def changed(body: bytes, **changes: Any) -> bytes:
    return json.dumps({**json.loads(body), **changes}).encode()


def by_us(forge: Callable[[bytes], bytes]) -> Forge:
    """Signed as it should be, but no event that can be read."""
    return lambda body, at: ((forged := forge(body)), sign(forged, [SECRET], at))


def instead(pattern: str, of: Callable[[int], str]) -> Forge:
    """The good signature with a part of it written anew."""
    return lambda body, at: (body, re.sub(pattern, of(at), sign(body, [SECRET], at)))


def mac(secret: str, text: bytes, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), text, algorithm).hexdigest()


FORGERIES: dict[str, Forge] = {
    "34 no header": lambda body, at: (body, None),
    "34 an empty header": lambda body, at: (body, ""),
    "34 only a time": lambda body, at: (body, f"t={at}"),
    "34 only a signature": instead("t=[0-9]+,", lambda at: ""),
    "34 a signature that is none": lambda body, at: (body, f"t={at},v1={'0' * 64}"),
    "34 an empty signature": lambda body, at: (body, f"t={at},v1="),
    "34 half a signature": instead("[0-9a-f]{32}$", lambda at: ""),
    "34 a signature in full-width letters": instead("v1=.*", lambda at: "v1=" + "ａ" * 64),
    "34 v0 only": instead("v1=", lambda at: "v0="),
    "34 V1 only": instead("v1=", lambda at: "V1="),
    "34 another secret": lambda body, at: (body, sign(body, ["whsec_other"], at)),
    "34 no secret": lambda body, at: (body, sign(body, [""], at)),
    "34 the cursors' secret": lambda body, at: (body, sign(body, ["0" * 32], at)),
    "34 the body signed without the time": lambda body, at: (body, f"t={at},v1={mac(SECRET, body)}"),
    "34 SHA-1": lambda body, at: (body, f"t={at},v1={mac(SECRET, f'{at}.'.encode() + body, 'sha1')}"),
    "34 written anew": lambda body, at: (json.dumps(json.loads(body), indent=1).encode(), sign(body, [SECRET], at)),
    "34 a byte more": lambda body, at: (body + b" ", sign(body, [SECRET], at)),
    "34 a byte less": lambda body, at: (body[:-1], sign(body, [SECRET], at)),
    "34 another id": lambda body, at: (changed(body, id="evt_other"), sign(body, [SECRET], at)),
    "34 301 seconds old": lambda body, at: (body, sign(body, [SECRET], at - 301)),
    "34 a day old": lambda body, at: (body, sign(body, [SECRET], at - 86_400)),
    "34 301 seconds ahead": lambda body, at: (body, sign(body, [SECRET], at + 301)),
    "34 a day ahead": lambda body, at: (body, sign(body, [SECRET], at + 86_400)),
    "34 an old time made new": lambda body, at: (body, sign(body, [SECRET], at - 301).replace(f"{at - 301}", f"{at}")),
    "34 a time that is none": instead("t=[0-9]+", lambda at: "t=abc"),
    "34 a time below nothing": instead("t=", lambda at: "t=-"),
    "34 a time with a fraction": instead("t=[0-9]+", lambda at: f"t={at}.0"),
    "34 a time in full-width digits": instead("t=[0-9]+", lambda at: "t=" + str(at).translate(WIDE)),
    "34 a time without end": instead("t=[0-9]+", lambda at: "t=" + "9" * 5000),
    "34 two times": instead("^", lambda at: f"t={at + 1},"),
    "34 hidden behind four kilobytes": instead("^", lambda at: "x=y," * 1024),
    "35 not UTF-8": by_us(lambda body: body + b"\xff"),
    "35 UTF-16": by_us(lambda body: body.decode().encode("utf-16")),
    "35 half a character": by_us(lambda body: body.replace(b"event", b"\xed\xa0\x80", 1)),
    "37 a thin event": by_us(lambda body: changed(body, object="v2.core.event")),
    "37 nothing": by_us(lambda body: b""),
    "37 null": by_us(lambda body: b"null"),
    "37 an empty list": by_us(lambda body: b"[]"),
    "37 an event in a list": by_us(lambda body: b"[" + body + b"]"),
    "37 nested without end": by_us(lambda body: b'{"a":' * 5000),
    "37 a text without end": by_us(lambda body: body[:-1] + b',"x":"'),
    "37 an id that is no key": by_us(lambda body: changed(body, id="evt_a#ORDER")),
    "37 an id of 300 letters": by_us(lambda body: changed(body, id="evt_" + "a" * 300)),
    "37 no type": by_us(lambda body: changed(body, type=None)),
    "37 a type with a line break": by_us(lambda body: changed(body, type="payment_intent.succeeded\n")),
    "37 made in no year": by_us(lambda body: changed(body, created=10**18)),
    "37 made at a text": by_us(lambda body: changed(body, created="1")),
    "37 live or not, as a text": by_us(lambda body: changed(body, livemode="false")),
    "37 about nothing": by_us(lambda body: changed(body, data=None)),
}


@pytest.mark.capability("PAY-04")
@pytest.mark.capability("PAY-10")
def test_what_is_not_signed_for_us_and_now_is_refused_and_nothing_is_kept(market: Market) -> None:
    order_id, _ = paid_but_not_told(market)
    body, signature = _captured(market)
    with market.shop.unchanged():
        for name, forge in FORGERIES.items():
            answer = hear(market.shop, *forge(body, int(market.shop.clock.at.timestamp())))
            assert (name, answer.status) == (name, 400)
    assert hear(market.shop, body, signature)["outcome"] == "PaymentCaptured"
    assert market.order(order_id)["status"] == "paid"


def test_what_is_sent_again_changes_nothing(market: Market) -> None:
    order_id, intent = paid_but_not_told(market)
    body, signature = _captured(market)
    assert hear(market.shop, body, signature)["outcome"] == "PaymentCaptured"
    for then in (lambda: None, lambda: market.cancel(order_id).ok()):
        then()
        market.shop.pass_time(seconds=100)
        now = int(market.shop.clock.at.timestamp())
        others = (
            body,
            changed(body, type="payment_intent.canceled"),
            changed(body, livemode=True, account="acct_other"),
        )
        again = [(body, signature), *((one, sign(one, [SECRET], now)) for one in others)]
        with market.shop.unchanged():
            assert {hear(market.shop, *one)["outcome"] for one in again} == {"ProviderEventSeenBefore"}
        copied = told(market, "payment_intent.succeeded", intent)
        assert (copied.status, copied["outcome"]) == (200, "NothingNew")
    market.shop.pass_time(seconds=101)
    with market.shop.unchanged():
        assert hear(market.shop, body, signature).status == 400
    assert len(market.shop.facts("OrderPaid")) == 1


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
    assert market.money(order_id)["refunds"] == []


@pytest.mark.capability("PAY-16")
def test_a_refund_out_of_another_orders_payment_is_not_the_one_that_is_awaited(market: Market) -> None:
    order_id, _ = paid_but_not_told(market)
    _, others = paid_but_not_told(market)
    market.hear()
    market.cancel(order_id).ok()
    [awaited] = market.money(order_id)["refunds"]
    foreign = market.stripe.fake.account.new(
        "refund",
        amount=1000,
        currency="eur",
        status="succeeded",
        metadata={"order_id": order_id, "refund_id": awaited["refund_id"]},
        failure_reason=None,
        payment_intent=others["id"],
    )
    assert told(market, "refund.created", foreign)["outcome"] == "PaymentQuarantined"
    assert market.money(order_id)["refunds"] == [awaited]


def test_a_type_without_effect_is_kept_and_answered(market: Market) -> None:
    order_id, intent = paid_but_not_told(market)
    expected = {
        "payment_intent.created": "ProviderEventIgnored",
        "charge.updated": "ProviderEventIgnored",
        "radar.early_fraud_warning.created": "ProviderEventIgnored",
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
    market.stripe.ask_for("*")
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
    market.stripe.ask_for("*")
    for order_of_events in permutations(range(3)):
        placed = market.checkout({"CUP": 1})
        market.pay(placed, "pm_card_chargeDeclined")
        market.pay(placed)
        matter = [one for one in market.stripe.webhooks() if json.loads(one.body)["type"].startswith("payment_intent")]
        for at in order_of_events:
            _deliver(market, matter[at])
        assert market.order(placed["order"]["order_id"])["status"] == "paid"
    assert len(market.shop.facts("OrderPaid")) == 6


@pytest.mark.capability("PAY-16")
def test_the_shop_hears_of_a_payment_and_its_refund_only_what_changes_something(market: Market) -> None:
    order_id, _ = paid_but_not_told(market)
    assert [answer["outcome"] for answer in market.hear()] == ["PaymentCaptured"]
    market.cancel(order_id).ok()
    market.shop.drain()
    market.hear()
    file = market.money(order_id)
    assert (file["balances"]["charged_minor"], file["balances"]["refunded_minor"]) == (1000, 1000)
    assert not {"ProviderEventIgnored", "ProviderEventUnknown"} & set(kept(market).values())


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize(("version", "listed"), [("2022-08-01", True), ("2024-06-20", False)])
def test_an_endpoint_of_before_an_upgrade_tells_of_payments_and_of_refunds_that_fail(
    market: Market, version: str, listed: bool
) -> None:
    """In the shape that its version had; what was sent to both is one event, and no refund has an event of its own."""
    market.stripe.tell_as_of(version)
    placed = market.checkout({"CUP": 1})
    order_id = placed["order"]["order_id"]
    market.pay(placed, "pm_card_refundFail")
    older = _captured(market)
    event = json.loads(older.body)
    assert event["api_version"] == version and ("charges" in event["data"]["object"]) == listed
    assert [_deliver(market, older)["outcome"] for _ in range(2)] == ["PaymentCaptured", "ProviderEventSeenBefore"]
    as_now = market.stripe.fake.account.get("event", event["id"])
    assert hear(market.shop, *signed(market.shop, as_now))["outcome"] == "ProviderEventSeenBefore"

    market.cancel(order_id).ok()
    market.shop.drain()
    market.shop.pass_time(seconds=3)
    sent = market.stripe.webhooks()
    told = [json.loads(one.body) for one in sent]
    assert [one["type"] for one in told] == ["charge.refunded", "charge.refund.updated"]
    assert ("refunds" in told[0]["data"]["object"]) == listed
    assert [_deliver(market, one)["outcome"] for one in sent] == ["ProviderEventIgnored", "RefundFailed"]
    assert [one["status"] for one in market.money(order_id)["refunds"]] == ["voided"]


def test_while_the_provider_does_not_answer_nothing_is_kept_and_the_event_may_come_again(market: Market) -> None:
    order_id, _ = paid_but_not_told(market)
    event = next(one for one in market.stripe.webhooks() if b"payment_intent.succeeded" in one.body)
    market.stripe.fail_next("timeout_before", count=2, path="/v1/payment_intents")
    assert _deliver(market, event).status == 503
    assert not kept(market)
    assert _deliver(market, event)["outcome"] == "PaymentCaptured"
    assert _deliver(market, event)["outcome"] == "ProviderEventSeenBefore"
    assert market.order(order_id)["status"] == "paid"


@pytest.mark.capability("PAY-11")
@pytest.mark.parametrize(
    "failure",
    [
        EndpointConnectionError(endpoint_url="https://secretsmanager"),
        ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue"),
    ],
    ids=["out of reach", "throttled"],
)
def test_while_its_secrets_cannot_be_read_the_shop_asks_to_be_told_again(
    market: Market, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    paid_but_not_told(market)
    event = _captured(market)
    forget_all()
    with monkeypatch.context() as patch:
        silent = SimpleNamespace(get_secret_value=lambda **_: (_ for _ in ()).throw(failure))
        patch.setattr(secrets, "client", lambda _: silent)
        answer = _deliver(market, event)
    assert (answer.status, answer["code"]) == (503, "secrets_unavailable")
    assert _deliver(market, event)["outcome"] == "PaymentCaptured"


def test_a_webhook_costs_one_query_and_one_transaction(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    market.stripe.ask_for("*")
    paid_but_not_told(market)
    events, made = market.stripe.webhooks(), calls(monkeypatch)
    for event in events:
        made.clear()
        _deliver(market, event)
        assert made in (["query", "write"], ["write"]), event.body
    assert len(market.shop.facts("OrderPaid")) == 1


def _deliver(market: Market, event: SignedBody) -> Answer:
    return hear(market.shop, event.body, event.signature)


def _captured(market: Market) -> SignedBody:
    """The event that tells that the buyer has paid; the others that wait are lost."""
    return next(one for one in market.stripe.webhooks() if b'"payment_intent.succeeded"' in one.body)


@pytest.mark.capability("PAY-16")
def test_every_type_of_event_is_handled_or_passed_over_by_name(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    """A type that nobody has thought of is kept for good, and counted; what a bank takes back is never passed over."""
    types = get_args(sdk.Event.__annotations__["type"])
    assert len(types) > 200 and {*types} > HANDLED
    for number, type in enumerate(types):
        event = {"id": f"evt_{number}", "object": "event", "type": type, "livemode": False, "created": 0}
        body = json.dumps(event | {"data": {"object": {"id": "pi_nobodys"}}})
        signature = sign(body.encode(), [SECRET], int(market.shop.clock.at.timestamp()))
        market.shop.post("/hooks/stripe", raw=body, headers={"Stripe-Signature": signature}).ok()
    kept = {row["type"]: row for row in market.shop.rows("ProviderEvent")}
    assert kept.keys() == {*types}
    unknown = {type for type, row in kept.items() if row["outcome"] == Outcome.UNKNOWN}
    assert {*types} == unknown | HANDLED | IGNORED_EVENTS
    assert unknown and not any("expires_at" in kept[type] for type in unknown)
    assert capsys.readouterr().out.count(f'"{Outcome.UNKNOWN}":[1.0]') == len(unknown)
