"""The signature of Stripe's webhooks, and what they say."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from souk.gateways import secrets
from souk.gateways.providers import BadEvent, BadSignature, Event
from souk.kernel import settings

WEBHOOK_TOLERANCE_SECONDS = 300


def hear(body: bytes, headers: Mapping[str, str], now: datetime) -> Event:
    """Done here and not by the SDK, which takes timestamps from any future, and falls over bodies that are not
    UTF-8, not an object, or deeply nested: https://docs.stripe.com/webhooks#verify-manually
    """
    timestamp, given = _read_signature(headers.get("stripe-signature", ""))
    if abs(now.timestamp() - int(timestamp)) > WEBHOOK_TOLERANCE_SECONDS:
        raise BadSignature()
    # More than one while they are rolled: Stripe signs with the new one and, for a day, with the old one too.
    known: Sequence[str] = secrets.read(settings.stripe_secret())["webhook_secrets"]
    signed = timestamp.encode() + b"." + body
    expected = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in known if secret]
    if not any(hmac.compare_digest(one.encode(), other) for one in expected for other in given):
        raise BadSignature()
    try:
        event = _Event.model_validate_json(body)
    except ValidationError:
        raise BadEvent() from None
    return Event(
        event.id,
        event.type,
        datetime.fromtimestamp(event.created, UTC),
        event.livemode,
        event.data.object,
        event.account,
    )


class _Data(BaseModel):
    model_config = ConfigDict(defer_build=True)

    object: dict[str, Any]


class _Event(BaseModel):
    """The envelope of a v1 snapshot event; a v2 thin event has another `object` and is refused."""

    model_config = ConfigDict(strict=True, defer_build=True)

    object: Literal["event"]
    id: Annotated[str, Field(pattern=r"^evt_[A-Za-z0-9_]{1,250}$")]
    type: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,200}$")]
    created: Annotated[int, Field(ge=0, lt=2**35)]
    livemode: bool
    account: str | None = None
    data: _Data


def _read_signature(header: str) -> tuple[str, list[bytes]]:
    """`t=1700000000,v1=5257...,v0=...` -> its one timestamp and every v1; other schemes prove nothing."""
    pairs = [part.partition("=")[::2] for part in header[:4096].split(",")]
    timestamps = [value for name, value in pairs if name == "t"]
    if len(timestamps) != 1 or not re.fullmatch("[0-9]{1,12}", timestamps[0]):
        raise BadSignature()
    return timestamps[0], [value.encode("utf-8", "replace") for name, value in pairs if name == "v1"]
