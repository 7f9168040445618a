"""Webhooks: delivered and signed as Stripe does, and every forgery, replay and malformed body refused."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
import stripe as sdk
from stripe.params import WebhookEndpointCreateParams
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from infra.local.stripe.config import Config
from infra.local.stripe.outbox import sign
from infra.local.stripe.server import StripeServer
from souk.domains.payments.model.provider import ASKED_EVENTS, IGNORED_EVENTS
from souk.gateways.providers import BadEvent, BadSignature, Event
from souk.gateways.stripe import create_intent, hear
from souk.kernel.errors import Malformed
from tests.gateways.conftest import WEBHOOK_SECRETS
from tests.support.stripe import Stripe

pytestmark = pytest.mark.usefixtures("vault")

NEW, OLD = WEBHOOK_SECRETS
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "api_version": "2026-10-28.endive",
    "created": AT - 7,
    "data": {"object": {"id": "pi_1", "object": "payment_intent", "amount": 4200}},
    "livemode": False,
    "pending_webhooks": 1,
    "request": {"id": None, "idempotency_key": None},
    "type": "payment_intent.succeeded",
}
BODY = json.dumps(EVENT, indent=2).encode()
SIGNATURE = sign(BODY, [NEW], AT)
HEX = SIGNATURE.partition("v1=")[2]


def heard(body: bytes, signature: str | None, now: datetime) -> Event:
    return hear(body, {"stripe-signature": signature} if signature else {}, now)


@pytest.mark.parametrize("secrets", [[NEW], [OLD], [NEW, OLD], ["whsec_other", OLD]])
@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_signed_event_is_read(secrets: list[str], seconds: int) -> None:
    assert heard(BODY, sign(BODY, secrets, AT), NOW + timedelta(seconds=seconds)) == Event(
        id="evt_1",
        type="payment_intent.succeeded",
        created_at=NOW - timedelta(seconds=7),
        livemode=False,
        object={"id": "pi_1", "object": "payment_intent", "amount": 4200},
    )


def test_a_signature_of_the_sdk_is_accepted_and_the_sdk_accepts_ours() -> None:
    theirs = sdk.WebhookSignature.generate_signature_header(BODY.decode(), NEW, timestamp=AT)
    assert heard(BODY, theirs, NOW).id == "evt_1"
    assert sdk.WebhookSignature.verify_header(BODY, SIGNATURE, NEW)


def test_a_body_as_the_gateway_hands_it_on_may_be_any_spelling_of_utf_8() -> None:
    body = json.dumps(EVENT | {"type": "customer.created", "note": "茶 ☕"}, ensure_ascii=False).encode()
    assert heard(body, sign(body, [NEW], AT), NOW).type == "customer.created"


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(None, id="no header"),
        pytest.param("", id="empty header"),
        pytest.param(f"t={AT}", id="no signature"),
        pytest.param(f"v1={HEX}", id="no timestamp"),
        pytest.param(f"t={AT},v1=", id="empty signature"),
        pytest.param(f"t={AT},v1={'0' * 64}", id="wrong signature"),
        pytest.param(f"t={AT},v1={HEX[:-1]}", id="cut signature"),
        pytest.param(f"t={AT},v0={HEX}", id="v0 only"),
        pytest.param(f"t={AT},V1={HEX}", id="upper-case scheme"),
        pytest.param(f"t={AT},v1=é{HEX[1:]}", id="signature outside ASCII"),
        pytest.param(f"t={AT},v1=\udcff", id="lone surrogate"),
        pytest.param(f"t={AT + 1},v1={HEX}", id="another timestamp"),
        pytest.param(f"t=abc,v1={HEX}", id="t=abc"),
        pytest.param(f"t=,v1={HEX}", id="t empty"),
        pytest.param(f"t=-{AT},v1={HEX}", id="t negative"),
        pytest.param(f"t= {AT},v1={HEX}", id="t with a space"),
        pytest.param(f"t={AT}\n,v1={HEX}", id="t with a line break"),
        pytest.param(f"t={AT}.0,v1={HEX}", id="t with a fraction"),
        pytest.param(f"t={'٣' * 10},v1={HEX}", id="t in other digits"),
        pytest.param(f"t={'9' * 5000},v1={HEX}", id="t of 5,000 digits"),
        pytest.param(f"t={AT},t={AT},v1={HEX}", id="t twice"),
        pytest.param("x" * 100_000, id="endless header"),
        pytest.param("," * 10_000, id="only commas"),
        pytest.param(sign(BODY, ["whsec_other"], AT), id="another secret"),
        pytest.param(sign(BODY, [""], AT), id="the empty secret"),
        pytest.param(sign(BODY, ["sk_test_souk"], AT), id="the API key as secret"),
        pytest.param(sign(BODY, [NEW], AT - 301), id="301 seconds old"),
        pytest.param(sign(BODY, [NEW], AT + 301), id="301 seconds ahead"),
        pytest.param(sign(BODY, [NEW], AT + 86_400), id="a day ahead"),
        pytest.param(sign(BODY, [NEW], 0), id="of 1970"),
    ],
)
def test_a_forged_or_replayed_webhook_is_refused(signature: str | None) -> None:
    with pytest.raises(BadSignature):
        heard(BODY, signature, NOW)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda body: json.dumps(json.loads(body)).encode(), id="re-serialised"),
        pytest.param(lambda body: body + b"\n", id="a line break more"),
        pytest.param(lambda body: body.replace(b"4200", b"4201"), id="another amount"),
        pytest.param(lambda body: b"\xef\xbb\xbf" + body, id="byte order mark"),
        pytest.param(lambda body: b"", id="empty"),
        pytest.param(lambda body: b"\xff\xfe", id="not UTF-8"),
    ],
)
def test_a_changed_body_does_not_match_its_signature(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadSignature):
        heard(change(BODY), SIGNATURE, NOW)


REQUIRED = ("id", "object", "type", "created", "livemode", "data")


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in EVENT.items() if name != field}


CHANGES: list[dict[str, Any]] = [
    {"object": "v2.core.event"},
    {"id": "evt_1\n"},
    {"id": 1},
    {"type": ["a"]},
    {"created": "1"},
    {"created": 1e30},
    {"created": -1},
    {"created": True},
    {"livemode": "false"},
    {"data": None},
    {"data": {"object": []}},
    {"account": {}},
]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"null", id="null"),
        pytest.param(b'"event"', id="text"),
        pytest.param(b"{", id="cut"),
        pytest.param(b"[" * 100_000, id="100,000 brackets"),
        pytest.param(b'{"a":' * 5_000 + b"1" + b"}" * 5_000, id="5,000 levels"),
        pytest.param(b'{"created": ' + b"9" * 5_000 + b"}", id="number of 5,000 digits"),
        pytest.param(BODY + b"x", id="garbage after"),
        pytest.param(b"\xef\xbb\xbf" + BODY, id="byte order mark"),
        *(pytest.param(json.dumps(without(name)).encode(), id=f"without {name}") for name in REQUIRED),
        *(pytest.param(json.dumps(EVENT | change).encode(), id=f"{change}") for change in CHANGES),
    ],
)
def test_a_signed_body_that_is_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(BadEvent) as refused:
        heard(body, sign(body, [NEW], AT), NOW)
    assert isinstance(refused.value, Malformed)
    assert refused.value.facts == {}


class Till:
    """The shop's end of the line: takes webhooks, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.taken: list[Event] = []
        self.failures_left = 0
        self.requests = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.requests += 1
        answer = Response(status=204)
        if self.failures_left:
            self.failures_left -= 1
            answer = Response(status=503)
        else:
            signature = request.headers["Stripe-Signature"]
            self.taken.append(heard(request.get_data(), signature, datetime.now(UTC)))
        return answer(environ, start_response)

    def types(self, count: int) -> list[str]:
        """The kinds of the first `count` webhooks, as soon as they are in."""
        until = time.monotonic() + 10
        while len(self.taken) < count and time.monotonic() < until:
            time.sleep(0.01)
        return [event.type for event in self.taken]


@pytest.fixture
def till() -> Iterator[tuple[Till, str]]:
    till = Till()
    server = make_server("127.0.0.1", 0, till, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield till, f"http://127.0.0.1:{server.port}/hooks/stripe"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def delivering(till: tuple[Till, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with StripeServer(config=Config(webhook_secrets=WEBHOOK_SECRETS)) as server:
        monkeypatch.setenv("STRIPE_API", server.url)
        stripe = Stripe(server)
        stripe.ask_for("*", url=till[1])
        yield stripe


PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"]


def pay(stripe: Stripe, order_id: str = "ord_1") -> None:
    intent = create_intent(order_id=order_id, attempt=1, amount_minor=4_200, currency="EUR")
    stripe.buyer.pay(intent.client_secret)


def test_a_payment_is_told_by_signed_webhooks_in_order(till: tuple[Till, str], delivering: Stripe) -> None:
    pay(delivering)
    assert till[0].types(4) == PAID
    succeeded = till[0].taken[2]
    assert succeeded.object["metadata"] == {"order_id": "ord_1", "attempt": "1"}
    assert not succeeded.livemode


def test_a_webhook_that_is_not_taken_comes_again(till: tuple[Till, str], delivering: Stripe) -> None:
    till[0].failures_left = 1
    pay(delivering)
    assert sorted(till[0].types(4)) == sorted(PAID)
    assert till[0].requests == 5


def test_webhooks_come_several_times_and_in_any_order(till: tuple[Till, str], delivering: Stripe) -> None:
    delivering.control("config", delivery="shuffle", copies=3, spread_seconds=0.3)
    pay(delivering)
    assert sorted(till[0].types(12)) == sorted(PAID * 3)
    assert len({event.id for event in till[0].taken}) == 4


def test_held_webhooks_come_when_and_as_they_are_released(till: tuple[Till, str], delivering: Stripe) -> None:
    delivering.control("config", delivery="hold")
    pay(delivering)
    created, *_, updated = delivering.fake.account.outbox.held
    delivering.control("deliver", events=[updated, created], times=2)
    assert till[0].types(4) == ["charge.updated", "payment_intent.created"] * 2
    delivering.control("deliver")
    assert till[0].types(6)[4:] == ["charge.succeeded", "payment_intent.succeeded"]


def test_an_endpoint_is_told_of_what_it_asks_for_and_of_nothing_else(
    till: tuple[Till, str], delivering: Stripe
) -> None:
    endpoints = sdk.StripeClient("sk_test_souk", base_addresses={"api": delivering.url}).v1.webhook_endpoints
    (everything,) = endpoints.list().data
    endpoints.update(everything.id, {"disabled": True})
    made = endpoints.create({"url": till[1], "enabled_events": ["payment_intent.succeeded", "charge.updated"]})
    assert (made.object, made.status, made.secret) == ("webhook_endpoint", "enabled", NEW)
    assert endpoints.retrieve(made.id).to_dict() | {"secret": NEW} == made.to_dict()
    pay(delivering)
    assert till[0].types(2) == ["payment_intent.succeeded", "charge.updated"]

    endpoints.update(made.id, {"enabled_events": ["payment_intent.created"]})
    pay(delivering, "ord_2")
    assert till[0].types(3)[2:] == ["payment_intent.created"]
    assert delivering.told() == PAID * 2 and till[0].requests == 3
    with pytest.raises(sdk.InvalidRequestError):
        endpoints.create({"url": till[1], "enabled_events": []})


def test_what_the_shop_asks_for_is_an_event_of_stripe_and_none_that_it_ignores() -> None:
    (types,) = get_args(WebhookEndpointCreateParams.__annotations__["enabled_events"])
    assert set(get_args(types)) >= ASKED_EVENTS and not ASKED_EVENTS & IGNORED_EVENTS


def test_dropped_webhooks_can_still_be_listed(till: tuple[Till, str], delivering: Stripe) -> None:
    delivering.control("config", delivery="drop")
    pay(delivering)
    assert delivering.told() == PAID
    assert till[0].requests == 0
