"""The events of the providers: which are asked for, and what becomes of each for what it is."""

from datetime import datetime, timedelta

from souk.domains.payments.model.outcome import Outcome
from souk.kernel.errors import Conflict
from souk.kernel.shapes import Noun

INTENT_EVENTS = {
    "payment_intent.succeeded",
    "payment_intent.amount_capturable_updated",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
}
REFUND_EVENTS = {"refund.created", "refund.updated", "refund.failed"}
# All that an endpoint of before 2024-10-28 is told of a refund that failed; a newer one is told by both.
OLDER_REFUND_EVENTS = {"charge.refund.updated"}
DISPUTE_EVENTS = {
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
}
METHOD_EVENTS = {
    "setup_intent.succeeded",
    "setup_intent.setup_failed",
    "payment_method.updated",
    "payment_method.automatically_updated",
    "payment_method.detached",
}
# What the shop's endpoint asks Stripe for: whatever else is sent costs a call and changes nothing.
ASKED_EVENTS = INTENT_EVENTS | REFUND_EVENTS | DISPUTE_EVENTS | METHOD_EVENTS
# What an endpoint that asks for more is sent besides; a type that stands nowhere is kept and counted as unknown.
IGNORED_EVENTS = {
    "payment_intent.created",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "customer.created",
    "setup_intent.created",
    "setup_intent.requires_action",
    "setup_intent.canceled",
    "payment_method.attached",
    "charge.succeeded",
    "charge.failed",
    "charge.pending",
    "charge.captured",
    "charge.updated",
    "charge.refunded",
    # A refund or a dispute follows, if anything.
    "radar.early_fraud_warning.created",
    "radar.early_fraud_warning.updated",
    # What goes to the bank is booked by the bill of its day.
    "payout.created",
    "payout.updated",
    "payout.paid",
    "payout.failed",
    "payout.canceled",
    "payout.reconciliation_completed",
}
# What WeChat Pay tells, without being asked for it.
WECHAT_INTENT_EVENTS = {"TRANSACTION.SUCCESS"}
WECHAT_REFUND_EVENTS = {"REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"}
# What Alipay tells of a trade is its status; of a refund it has no word of its own.
ALIPAY_INTENT_EVENTS = {"TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED", "WAIT_BUYER_PAY"}
ALIPAY_REFUND_EVENTS = {"TRADE_REFUND"}
ABOUT_INTENTS = INTENT_EVENTS | WECHAT_INTENT_EVENTS | ALIPAY_INTENT_EVENTS
ABOUT_REFUNDS = REFUND_EVENTS | OLDER_REFUND_EVENTS | WECHAT_REFUND_EVENTS | ALIPAY_REFUND_EVENTS
EVENT_LIFE = timedelta(days=90)


class EventSeen(Conflict):
    title = "This event has been handled"


class ProviderEvent(Noun):
    """A webhook's event, remembered for longer than the provider repeats it; what is to be looked at, for good."""

    event_id: str
    type: str
    outcome: Outcome | None = None
    order_id: str | None = None
    received_at: datetime

    @property
    def expires_at(self) -> datetime | None:
        to_look_at = self.outcome in (Outcome.QUARANTINED, Outcome.UNKNOWN)
        return None if to_look_at else self.received_at + EVENT_LIFE

    def heard(self, outcome: Outcome, order_id: str | None = None) -> "ProviderEvent":
        return self.but(outcome=outcome, order_id=order_id)


def outcome_unasked(type: str, ours: bool) -> Outcome | None:
    """What becomes of an event for what it is; None where the provider is asked what has happened."""
    if not ours:
        return Outcome.QUARANTINED
    if type in ABOUT_INTENTS | ABOUT_REFUNDS | DISPUTE_EVENTS | METHOD_EVENTS:
        return None
    return Outcome.IGNORED if type in IGNORED_EVENTS else Outcome.UNKNOWN
