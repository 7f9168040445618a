"""The fake Stripe as a pure state machine: requests in, answers and signed webhooks out."""

import copy
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

from infra.local.stripe import intents, refunds, routes
from infra.local.stripe.account import Account, Object
from infra.local.stripe.config import API_VERSION, Config
from infra.local.stripe.errors import ApiError, NoAnswer
from infra.local.stripe.idempotency import Keys, Reply, fingerprint
from infra.local.stripe.outbox import Delivery, sign

TIMERS: dict[str, Callable[[Account, str], Any]] = {
    "expire_hold": intents.expire_hold,
    "settle_refund": lambda account, id: refunds.settle(account, id, succeeds=True),
    "fail_refund": lambda account, id: refunds.settle(account, id, succeeds=False),
}


class Request(NamedTuple):
    """`headers` by lower-case name; `form` holds the query or the body, in Stripe's bracket spelling."""

    method: str
    path: str
    headers: Mapping[str, str]
    form: Mapping[str, str]


class Running(NamedTuple):
    """A request that has been let in and not yet carried out."""

    request: Request
    request_id: str
    key: str | None
    fault: str | None
    by_browser: bool


class Webhook(NamedTuple):
    url: str
    body: bytes
    headers: dict[str, str]
    delivery: Delivery


class FakeStripe:
    """One account. `begin` and `finish` are the halves of `handle`, for callers whose requests overlap."""

    def __init__(self, now: Callable[[], float], random: Random, config: Config | None = None) -> None:
        self.now = now
        self.config = config or Config()
        self.account = Account(now, random, self.config)
        self.keys = Keys(now, random)

    def handle(self, method: str, path: str, headers: Mapping[str, str], form: Mapping[str, str]) -> Reply:
        """Raises NoAnswer where a fault says that the caller shall not hear of it."""
        begun = self.begin(Request(method, path, headers, form))
        return begun if isinstance(begun, Reply) else self.finish(begun)

    def begin(self, request: Request) -> Reply | Running:
        """Lets the request in: faults, API key, idempotency key. A Reply means that it ends here."""
        self.tick()
        request_id = f"req_{self.account.token(14)}"
        try:
            fault = self._fault(request)
            by_browser = self._by_browser(request)
            key = request.headers.get("idempotency-key") if request.method == "POST" else None
            parameters = fingerprint(request.method, request.path, request.form)
            if key and (reply := self.keys.begin(key, parameters)):
                if fault == "timeout_after":
                    raise NoAnswer
                return reply
        except ApiError as error:
            return _refusal(error, request_id, None)
        return Running(request, request_id, key, fault, by_browser)

    def finish(self, running: Running) -> Reply:
        request, request_id, key, fault, by_browser = running
        self.account.cause = {"id": request_id, "idempotency_key": key}
        kept = True
        try:
            if fault == "error_before":
                raise _broken()
            form = {name: value for name, value in request.form.items() if name != "key"}
            body = routes.answer(self.account, request.method, request.path, form, by_browser=by_browser)
            if fault == "error_after":
                raise _broken()
            reply = Reply(200, _headers(request_id, key), body)
        except ApiError as error:
            reply, kept = _refusal(error, request_id, key), error.kept
        finally:
            self.account.cause = {"id": None, "idempotency_key": None}
        if key and kept:
            self.keys.finish(key, reply)
        elif key:
            self.keys.abandon(key)
        if fault == "timeout_after":
            raise NoAnswer
        return reply

    def tick(self) -> None:
        """Lets happen what is due by the clock: refunds settle or fail, holds on cards lapse."""
        while timer := self.account.due():
            TIMERS[timer.action](self.account, timer.id)

    def next_webhook(self) -> Webhook | None:
        """The webhook to send now, signed at this moment; hand its delivery to `retry` if it is not taken."""
        self.tick()
        while delivery := self.account.outbox.take():
            if event := self.account.sent(delivery.event_id, delivery.endpoint_id):
                return self._signed(delivery, event)
        return None

    def _signed(self, delivery: Delivery, event: Object) -> Webhook:
        endpoint = self.account.get("webhook_endpoint", delivery.endpoint_id)
        body = json.dumps(event, indent=2).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(body, self.config.webhook_secrets, int(self.now())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        return Webhook(endpoint["url"], body, headers, delivery)

    def retry(self, delivery: Delivery) -> None:
        self.account.outbox.again(delivery)

    def configure(self, changes: Mapping[str, Any]) -> None:
        checked = Config.model_validate({**self.config.model_dump(), **changes})
        for name in Config.model_fields:
            setattr(self.config, name, getattr(checked, name))

    def _fault(self, request: Request) -> str | None:
        for fault in self.config.faults:
            if request.path.startswith(fault.path) and request.method.startswith(fault.method):
                fault.count -= 1
                self.config.faults = [left for left in self.config.faults if left.count]
                if fault.kind == "timeout_before":
                    raise NoAnswer
                if fault.kind == "too_many_requests":
                    raise ApiError("Too many requests hit the API.", code="rate_limit", status=429)
                return fault.kind
        return None

    def _by_browser(self, request: Request) -> bool:
        """Checks the API key; a browser comes with the publishable one and an intent's client secret."""
        version = request.headers.get("stripe-version", API_VERSION)
        if version != API_VERSION:
            raise ApiError(f"Invalid Stripe API version: {version}", param="Stripe-Version")
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = bearer or request.form.get("key", "")
        if given == self.config.api_key:
            return False
        if given != self.config.publishable_key:
            raise ApiError(f"Invalid API Key provided: {given[:8]}***", status=401)
        if not (request.form.get("client_secret") and routes.open_to_browsers(request.method, request.path)):
            sentence = "This API call cannot be made with a publishable API key."
            raise ApiError(sentence, code="secret_key_required", status=401)
        return True


def _headers(request_id: str, key: str | None) -> dict[str, str]:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
    return headers | ({"Idempotency-Key": key} if key else {})


def _refusal(error: ApiError, request_id: str, key: str | None) -> Reply:
    return Reply(error.status, _headers(request_id, key) | error.headers, copy.deepcopy(error.body))


def _broken() -> ApiError:
    return ApiError("An unknown error occurred.", type="api_error", status=500, retry=False)
