"""The shop's own bank account, which nobody can be asked about: what came in is told by staff, what goes out they send.

So an intent is only a name, which says all that is known of it; the transfers that pay it are the shop's own nouns.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from souk.gateways.providers import (
    ANYBODY,
    BadSignature,
    Event,
    Intent,
    Payer,
    PaymentRefused,
    Refund,
    UnknownToProvider,
)
from souk.kernel import settings

_NAME = re.compile(r"bank-(\d{1,3})-([A-Z]{3})-([A-Za-z0-9_]{1,60})", re.ASCII)


def publishable_key() -> str:
    return ""


def create_intent(
    *,
    order_id: str,
    attempt: int,
    amount_minor: int,
    currency: str,
    method: str = "bank_transfer",
    payer: Payer = ANYBODY,
    authorise_only: bool = False,
) -> Intent:
    return get_intent(f"bank-{attempt}-{currency}-{order_id}")._replace(amount_minor=amount_minor)


def get_intent(intent_id: str) -> Intent:
    said = _NAME.fullmatch(intent_id)
    if said is None:
        raise UnknownToProvider("No such payment", reason="resource_missing")
    return Intent.unpaid(intent_id, said[3], int(said[1]), currency=said[2], livemode=settings.live_money())


def capture_intent(intent_id: str) -> Intent:
    return get_intent(intent_id)


def cancel_intent(intent_id: str) -> Intent:
    """A transfer that is on its way is not stopped by it: it comes too late."""
    return get_intent(intent_id)._replace(status="canceled")


def refund(*, order_id: str, refund_id: str, intent_id: str, amount_minor: int) -> Refund:
    return get_refund(refund_id, intent_id)


def get_refund(id: str, intent_id: str) -> Refund:
    raise PaymentRefused("Staff send it, and say so", reason="sent_by_hand")


def find_refund(*, order_id: str, refund_id: str, intent_id: str) -> Refund | None:
    return None


def hear(body: bytes, headers: Mapping[str, str], now: datetime) -> Event:
    raise BadSignature()
