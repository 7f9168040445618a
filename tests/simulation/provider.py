"""The fake Stripe on the wire: its API for the shop, its card form for browsers, its webhooks."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import stripe

from infra.local.stripe import disputes, intents, payouts, setup_intents, versions, webhook_endpoints
from infra.local.stripe.config import PUBLISHABLE_KEY, Config
from infra.local.stripe.errors import ApiError
from infra.local.stripe.fake import FakeStripe, Request
from infra.local.stripe.idempotency import KEPT_SECONDS, Kept, Reply, fingerprint
from infra.local.stripe.outbox import sign
from souk.domains.payments.model.provider import ASKED_EVENTS
from tests.simulation.faults import TIMEOUTS
from tests.simulation.wire import HANGS, Wire

if TYPE_CHECKING:
    from tests.simulation.world import World

URL = "https://stripe.simulated"
# Status, type of the error, and whether the library may ask again.
FAILURES = {
    "throttle": (429, "invalid_request_error", "true"),
    "conflict": (409, "idempotency_error", "true"),
    "error_after": (500, "api_error", "false"),
}
OUTAGE = 2 * 3600.0
# Of which an endpoint may have been until it was upgraded: the one tells of a refund otherwise, the other of all.
OLDER_VERSIONS = ("2024-06-20", "2022-08-01")
WEBHOOK_RETRIES = (60.0, 3600.0, 6 * 3600.0, 12 * 3600.0, 86400.0, 86400.0)
GOOD, SECURE, DECLINED = "pm_card_visa", "pm_card_threeDSecure2Required", "pm_card_chargeDeclined"
SLOW = "pm_card_pendingRefund"
# Kept cards whose bank asks whoever is there, asks always, and says no.
ASKS_WHO_IS_THERE, ALWAYS_ASKS = "pm_card_authenticationRequiredOnSetup", "pm_card_authenticationRequired"
NEVER_PAYS = "pm_card_chargeCustomerFail"
DELAYS = (1.0, 120.0, 3600.0, 3 * 86400.0)


class Taken(NamedTuple):
    """What a buyer has paid at a provider."""

    intent_id: str
    order_id: str
    amount_minor: int
    currency: str
    live: bool = False


class Refunded(NamedTuple):
    refund_id: str
    status: str
    amount_minor: int


class Outage:
    """For hours nobody answers; then the provider comes back."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._until = wire, 0.0

    def is_on(self) -> bool:
        now = self._wire.schedule.now
        if now >= self._until and self._wire.fault("outage"):
            self._until = now + OUTAGE
        if now < self._until:
            self._wire.pause(HANGS)
        return now < self._until


class NotAnswered(Exception):
    """Carries the kind of the fault out of the wire."""


def post(world: "World", name: str, delivery: Callable[[], object]) -> None:
    """On a way of its own, so that nothing keeps to the order in which it happened."""
    for _ in range(2 if world.wire.fault("duplicate") else 1):
        delay = world.schedule.chance.choice(DELAYS) if world.wire.fault("delay") else 1.0
        world.schedule.spawn(name, delivery, after=world.schedule.chance.uniform(0.0, delay))


def deliver(world: "World", hand_over: Callable[[], int], retries: Sequence[float]) -> None:
    """Until it is taken, or given up."""
    if world.wire.fault("drop"):
        return
    for after in (0.0, *retries):
        world.schedule.pause(after)
        if hand_over() == 200:
            return


class Provider:
    name = "stripe"

    def __init__(self, world: "World") -> None:
        self.world = world
        config, chance = Config(public_url=URL, settle_seconds=3600.0), Random(f"{world.seed}/stripe")
        self.outage = Outage(world.wire)
        self.fake = FakeStripe(world.timestamp, chance, config)
        self.sent: dict[str, dict[str, Any]] = {}  # each event as it was sent, and will be if it is sent again
        # Some shops have never told the provider which events they want.
        asked = chance.choice((sorted(ASKED_EVENTS), ["*"]))
        endpoint = webhook_endpoints.NewEndpoint(url=f"{URL}/hook", enabled_events=asked)
        webhook_endpoints.create(self.fake.account, endpoint)

    def objects(self, kind: str) -> list[dict[str, Any]]:
        return list(self.fake.account.objects[kind].values())

    def answer(self, request: Request) -> Reply:
        begun = self.fake.begin(request)
        reply = begun if isinstance(begun, Reply) else self.fake.finish(begun)
        self.post_events()
        self.world.checker.charged()
        return reply

    def taken(self) -> list[Taken]:
        return [
            Taken(
                one["id"], one["metadata"]["order_id"], one["amount_received"], one["currency"].upper(), one["livemode"]
            )
            for one in self.objects("payment_intent")
            if one["status"] == "succeeded"
        ]

    def told(self, kind: str) -> str:
        """The id of the one event of that type."""
        (event_id,) = (one["id"] for one in self.objects("event") if one["type"] == kind)
        return str(event_id)

    def refunds(self) -> list[Refunded]:
        return [Refunded(one["metadata"]["refund_id"], one["status"], one["amount"]) for one in self.objects("refund")]

    def held_minor(self) -> int:
        """Of buyers: what they have paid, less what they and their banks have back."""
        return -sum(int(one.get("buyers", 0)) for one in self.fake.account.balances().values())

    # -- the buyer's browser
    def confirm(self, client_secret: str, card: str) -> dict[str, Any]:
        """The intent afterwards, paid or not."""
        self.world.schedule.pause(self.world.schedule.chance.uniform(0.05, 0.5))
        intent_id, _, _ = client_secret.partition("_secret_")
        form = {"key": PUBLISHABLE_KEY, "client_secret": client_secret, "payment_method": card}
        body = self.answer(Request("POST", f"/v1/payment_intents/{intent_id}/confirm", {}, form)).body
        intent: dict[str, Any] = body.get("error", {}).get("payment_intent", body)
        return intent

    def keep(self, client_secret: str, card: str) -> None:
        """Has the card kept, whatever its bank asks."""
        setup_id, _, _ = client_secret.partition("_secret_")
        form = {"key": PUBLISHABLE_KEY, "client_secret": client_secret, "payment_method": card}
        if self.answer(Request("POST", f"/v1/setup_intents/{setup_id}/confirm", {}, form)).body.get("next_action"):
            setup_intents.authenticate(self.fake.account, setup_id, succeeds=True)
            self.post_events()

    def authenticate(self, intent_id: str, succeeds: bool) -> None:
        """The buyer answers the bank, if it still asks."""
        try:
            intents.authenticate(self.fake.account, intent_id, succeeds=succeeds)
        except ApiError:
            return
        self.post_events()
        self.world.checker.charged()

    # -- the buyer's bank
    def dispute(self, order_id: str) -> None:
        """It takes back all that was paid for the order."""
        for charge in self.objects("charge"):
            if charge["metadata"]["order_id"] == order_id and charge["captured"]:
                disputes.open(self.fake.account, charge, "chargeback")
        self.post_events()

    def decide(self, *, won: bool) -> None:
        for dispute in self.objects("dispute"):
            disputes.close(self.fake.account, dispute["id"], won=won)
        self.post_events()

    # -- our bank
    def pay_out(self, amount: int, currency: str) -> None:
        payouts.create(self.fake.account, payouts.NewPayout(amount=amount, currency=currency.lower()))
        self.post_events()

    # -- webhooks
    def post_events(self) -> None:
        self.fake.tick()
        while delivery := self.fake.account.outbox.take():
            event = self.fake.account.get("event", delivery.event_id)
            shape: dict[str, Any] | None = event
            if self.world.wire.fault("older"):
                version = self.world.schedule.chance.choice(OLDER_VERSIONS)
                shape = versions.rendered(self.fake.account, event, version)
            self.sent[event["id"]] = shape or event
            if shape:
                post(self.world, "webhook", partial(self._deliver, event["id"]))
        if timers := self.fake.account.timers:
            after = min(timer.due for timer in timers) - self.world.timestamp()
            self.world.schedule.spawn("stripe", self._tick, after=max(0.0, after))

    def _tick(self) -> None:
        if any(timer.due <= self.world.timestamp() for timer in self.fake.account.timers):
            self.post_events()

    def _deliver(self, event_id: str) -> None:
        deliver(self.world, partial(self.hand_over, event_id), WEBHOOK_RETRIES)

    def mend_cards(self) -> None:
        """From now on the banks take every refund."""
        for charge in self.objects("charge"):
            charge["payment_method"] = GOOD

    def hand_over(self, event_id: str) -> int:
        body = json.dumps(self.sent.get(event_id) or self.fake.account.get("event", event_id)).encode()
        signature = sign(body, self.fake.config.webhook_secrets, int(self.world.timestamp()))
        headers = {"Stripe-Signature": signature}
        return self.world.ask("POST", "/hooks/stripe", raw=body.decode(), headers=headers, tries=1).status


class Transport(stripe.HTTPClient):
    """What Stripe's library sends goes to the fake by the wire; between its tries it waits on virtual time."""

    name = "simulated"

    def __init__(self, world: "World") -> None:
        super().__init__()
        self.world = world

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **_: Any) -> Any:
        parts = urlsplit(url)
        form = dict(parse_qsl(post_data if method == "post" else parts.query, keep_blank_values=True))
        given = {name.lower(): value for name, value in headers.items()}
        request = Request(method.upper(), parts.path, given, form)

        if self.world.provider.outage.is_on():
            raise stripe.APIConnectionError("no answer", should_retry=True)
        what = f"Stripe {request.method} {request.path}"
        if (key := given.get("idempotency-key")) and self.world.wire.fault("broken"):
            self._break(key, request)
        try:
            reply = self.world.wire.call(what, lambda: self.world.provider.answer(request), NotAnswered)
        except NotAnswered as fault:
            reply = self._failed(str(fault), key)
        return json.dumps(reply.body), reply.status, {name.lower(): value for name, value in reply.headers.items()}

    def _add_jitter_time(self, sleep_seconds: float) -> float:
        return sleep_seconds

    def close(self) -> None:
        """There is no connection."""

    def _break(self, key: str, request: Request) -> None:
        """It is answered 500 without being done, as whatever comes with its key will be."""
        keys, until = self.world.provider.fake.keys, self.world.timestamp() + KEPT_SECONDS
        asked = fingerprint(request.method, request.path, request.form)
        keys.kept.setdefault(key, Kept(asked, until, _refused("error_after")))

    def _failed(self, kind: str, key: str | None) -> Reply:
        """What reaches the caller; a 500 is kept under its key, and answered again."""
        if kind in TIMEOUTS:
            raise stripe.APIConnectionError("no answer", should_retry=True)
        reply = _refused(kind)
        if key and kind == "error_after":
            keys = self.world.provider.fake.keys
            keys.kept[key] = keys.kept[key]._replace(reply=reply)
        return reply


def _refused(kind: str) -> Reply:
    status, type, again = FAILURES[kind]
    headers = {"Request-Id": f"req_{kind}", "Stripe-Should-Retry": again}
    return Reply(status, headers, {"error": {"type": type, "message": kind}})
