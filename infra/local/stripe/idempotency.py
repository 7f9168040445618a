"""Idempotency keys as Stripe keeps them: https://docs.stripe.com/api/idempotent_requests."""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

from infra.local.stripe.errors import ApiError

KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


class Kept(NamedTuple):
    """`reply` is None while the first request with this key still runs."""

    fingerprint: str
    forget_at: float
    reply: Reply | None


def fingerprint(method: str, path: str, form: Mapping[str, str]) -> str:
    return json.dumps([method, path, sorted(form.items())])


class Keys:
    def __init__(self, now: Callable[[], float], random: Random) -> None:
        self._now, self._random = now, random
        self.kept: dict[str, Kept] = {}

    def begin(self, key: str, request: str) -> Reply | None:
        """The first answer to this key, None for a new key; refused while in use or with other parameters."""
        if len(key) > LONGEST_KEY:
            raise ApiError(f"Idempotency keys can only be up to {LONGEST_KEY} characters long.", kept=False)
        known = self.kept.get(key)
        if known is None or (known.reply and known.forget_at <= self._now()):
            # Stripe promises 24 hours and prunes some time afterwards.
            forget_at = self._now() + KEPT_SECONDS + self._random.uniform(0, KEPT_SECONDS)
            self.kept[key] = Kept(request, forget_at, None)
            return None
        if known.fingerprint != request:
            raise ApiError(
                "Keys for idempotent requests can only be used with the same parameters they were first used "
                f"with. Try using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
                kept=False,
            )
        if known.reply is None:
            raise ApiError(
                f"There is currently another in-progress request using this Idempotent Key: {key}.",
                code="idempotency_key_in_use",
                type="idempotency_error",
                status=409,
                kept=False,
                retry=True,
            )
        original = known.reply.headers["Request-Id"]
        headers = known.reply.headers | {"Idempotent-Replayed": "true", "Original-Request": original}
        return known.reply._replace(headers=headers)

    def finish(self, key: str, reply: Reply) -> None:
        self.kept[key] = self.kept[key]._replace(reply=reply)

    def abandon(self, key: str) -> None:
        del self.kept[key]
