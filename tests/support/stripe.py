"""The fake Stripe beside the shop in one process: its faults, its buyers, its webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import requests

from infra.local.stripe import webhook_endpoints
from infra.local.stripe.buyer import Buyer
from infra.local.stripe.server import StripeServer
from souk.domains.payments.model.provider import ASKED_EVENTS
from souk.kernel import clock


class SignedBody(NamedTuple):
    body: bytes
    signature: str


class Stripe:
    def __init__(self, server: StripeServer) -> None:
        self.server, self.url, self.fake = server, server.url, server.fake
        self.buyer = Buyer(server.url)

    def control(self, route: str, **body: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/_fake/{route}", json=body, timeout=10)
        assert answer.ok, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def fail_next(self, kind: str, count: int = 1, path: str = "/v1/") -> None:
        """`timeout_before`, `timeout_after`, `error_before`, `error_after` or `too_many_requests`."""
        self.control("config", faults=[{"kind": kind, "count": count, "path": path}])

    def ask_for(self, *types: str, url: str = "http://taken-by-the-test") -> None:
        """From now on these events are sent; `*` is all of them."""
        wanted = {"url": url, "enabled_events": types}
        with self.server.lock:
            if known := list(self.fake.account.objects["webhook_endpoint"]):
                ask = webhook_endpoints.ChangedEndpoint.model_validate(wanted)
                webhook_endpoints.update(self.fake.account, ask, known[0])
            else:
                webhook_endpoints.create(self.fake.account, webhook_endpoints.NewEndpoint.model_validate(wanted))

    def tell_as_of(self, version: str, url: str = "http://taken-by-the-test") -> None:
        """From now on all events are sent as an endpoint gets them that was made at that version, and to no other."""
        with self.server.lock:
            for id in self.fake.account.objects["webhook_endpoint"]:
                off = webhook_endpoints.ChangedEndpoint(disabled=True)
                webhook_endpoints.update(self.fake.account, off, id)
            ask = webhook_endpoints.NewEndpoint(url=url, enabled_events=["*"], api_version=version)
            webhook_endpoints.create(self.fake.account, ask)

    def webhooks(self) -> list[SignedBody]:
        """What waits to be delivered, taken as delivered."""
        taken = []
        with self.server.lock:
            while webhook := self.fake.next_webhook():
                taken.append(SignedBody(webhook.body, webhook.headers["Stripe-Signature"]))
        return taken

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """All that the account holds of a kind, in order of creation: the truth about money."""
        return list(self.fake.account.objects[kind].values())

    def told(self) -> list[str]:
        return [event["type"] for event in self.objects("event")]


@contextmanager
def running() -> Iterator[Stripe]:
    """By the shop's clock, frozen or not; the webhooks that the shop asks for wait until a test takes them."""
    with StripeServer(now=lambda: clock.now().timestamp(), delivers=False) as server:
        stripe = Stripe(server)
        stripe.ask_for(*ASKED_EVENTS)
        yield stripe


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with running() as fake:
        monkeypatch.setenv("STRIPE_API", fake.url)
        yield fake
