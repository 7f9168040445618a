"""Which webhook goes out when, and to whom: at once, held, shuffled, repeated, dropped, and again after a failure."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from infra.local.stripe.config import Config

BACKOFF_SECONDS = (0.2, 0.5, 1, 2, 4)


class Delivery(NamedTuple):
    due: float
    number: int
    event_id: str
    endpoint_id: str
    attempt: int = 0


def sign(body: bytes, secrets: Sequence[str], at: int) -> str:
    """`t=...,v1=...`, one v1 for each secret: https://docs.stripe.com/webhooks#verify-manually."""
    signed = b"%d." % at + body
    digests = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join((f"t={at}", *(f"v1={digest}" for digest in digests)))


class Outbox:
    """`endpoints_for` answers the ids of the endpoints that ask for an event."""

    def __init__(
        self,
        now: Callable[[], float],
        random: Random,
        config: Config,
        endpoints_for: Callable[[str], list[str]],
    ) -> None:
        self._now, self._random, self._config, self._endpoints_for = now, random, config, endpoints_for
        self.waiting: list[Delivery] = []
        self.held: list[str] = []
        self._count = 0

    def put(self, event_id: str) -> None:
        """An event that no endpoint asks for is only listed."""
        config, endpoints = self._config, self._endpoints_for(event_id)
        if config.delivery == "hold" and endpoints:
            self.held.append(event_id)
        elif config.delivery in ("now", "shuffle"):
            for endpoint_id in endpoints * config.copies:
                spread = self._random.uniform(0, config.spread_seconds) if config.delivery == "shuffle" else 0
                self._add(event_id, endpoint_id, spread)

    def release(self, event_ids: Sequence[str] | None = None, times: int = 1) -> None:
        """Sends the held events, or just these (held or long delivered), in this order."""
        chosen = list(self.held) if event_ids is None else list(event_ids)
        self.held = [event_id for event_id in self.held if event_id not in chosen]
        for _ in range(times):
            for event_id in chosen:
                for endpoint_id in self._endpoints_for(event_id):
                    self._add(event_id, endpoint_id)

    def take(self) -> Delivery | None:
        if not self.waiting or (first := min(self.waiting)).due > self._now():
            return None
        self.waiting.remove(first)
        return first

    def again(self, delivery: Delivery) -> None:
        """After a failed attempt; given up when the back-off is used up."""
        if delivery.attempt < len(BACKOFF_SECONDS):
            seconds = BACKOFF_SECONDS[delivery.attempt]
            self._add(delivery.event_id, delivery.endpoint_id, seconds, delivery.attempt + 1)

    def _add(self, event_id: str, endpoint_id: str, seconds: float = 0, attempt: int = 0) -> None:
        self._count += 1
        self.waiting.append(Delivery(self._now() + seconds, self._count, event_id, endpoint_id, attempt))
