"""The fake Stripe beside the shop in one process: its faults, its buyers, its webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import requests

from infra.local.stripe.buyer import Buyer
from infra.local.stripe.config import Config
from infra.local.stripe.server import StripeServer
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
    """By the shop's clock, frozen or not; webhooks wait until a test takes them."""
    config = Config(webhook_url="taken-by-the-test:")
    with StripeServer(config=config, now=lambda: clock.now().timestamp(), delivers=False) as server:
        yield Stripe(server)


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    with running() as fake:
        monkeypatch.setenv("STRIPE_API", fake.url)
        yield fake
