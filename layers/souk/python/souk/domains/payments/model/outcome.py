"""What becomes of something the provider says."""

from enum import StrEnum
from typing import Annotated

from pydantic import AliasChoices, Field

# What was stored before the one word for it reads `state`.
Status = Annotated[str, Field(validation_alias=AliasChoices("status", "state"))]


class Outcome(StrEnum):
    """What became of something the provider said; the value is the name of the metric that counts it."""

    CAPTURED = "PaymentCaptured"
    AUTHORISED = "PaymentAuthorised"
    LAPSED = "AuthorisationLapsed"
    LATE = "LatePayment"
    FELL_SHORT = "PaymentFellShort"
    DECLINED = "PaymentDeclined"
    CANCELED = "PaymentCanceled"
    REFUND_POSTED = "RefundPosted"
    REFUND_FAILED = "RefundFailed"
    REFUND_SENT = "RefundSent"
    DISPUTED = "PaymentDisputed"
    OVERDRAWN = "PaymentOverdrawn"
    QUARANTINED = "PaymentQuarantined"
    UNKNOWN = "ProviderEventUnknown"
    IGNORED = "ProviderEventIgnored"
    SEEN = "ProviderEventSeenBefore"
    UNANSWERED = "ProviderUnanswered"
    NOTHING_NEW = "NothingNew"
