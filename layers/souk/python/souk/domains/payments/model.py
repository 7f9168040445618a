"""A payment with its attempts, its refunds, and the events that its balances are derived from."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

from pydantic import AliasChoices, Field

from souk.kernel import states
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing, Refused, TooMany, Unavailable
from souk.kernel.shapes import Id, Input, Mark, Noun, Versioned
from souk.kernel.states import States

# Moved: what was captured is the money of the orders that this one was split or merged into.
STATES: States = {"awaiting": {"captured", "voided"}, "captured": {"moved"}, "moved": set(), "voided": set()}
# A refund that was posted may still come back: the card is closed, the bank refuses it.
REFUND_STATES: States = {"pending": {"posted", "voided"}, "posted": {"voided"}, "voided": set()}

AttemptStatus = Literal["open", "declined", "canceled", "succeeded", "lost"]
EventKind = Literal["charge", "moved_in", "moved_out", "refund_owed", "refund_posted", "refund_failed"]

INTENT_EVENTS = {"payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled"}
REFUND_EVENTS = {"refund.created", "refund.updated", "refund.failed"}
# Money that a bank takes back, or returns: kept and counted, for somebody to look at.
DISPUTE_EVENTS = {
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
}
# What the shop's endpoint asks the provider for: whatever else is sent costs a call and changes nothing.
ASKED_EVENTS = INTENT_EVENTS | REFUND_EVENTS | DISPUTE_EVENTS
# What an endpoint that asks for more is sent besides; a type that stands nowhere is kept and counted as unknown.
IGNORED_EVENTS = {
    "payment_intent.created",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "charge.succeeded",
    "charge.failed",
    "charge.pending",
    "charge.captured",
    "charge.updated",
    "charge.refunded",
    "charge.refund.updated",
}
# How long after it was posted a refund is looked at again: the provider says by webhook alone that one came back.
LOOKS = (timedelta(days=3), timedelta(days=14))
EVENT_LIFE = timedelta(days=90)
MOST_ATTEMPTS = 50


class NoSuchPayment(Missing):
    title = "No such payment"


class NothingToPay(Conflict):
    title = "There is nothing to pay any more"


class PaymentUndecided(Unavailable):
    title = "The provider is still at work on the payment"


class TooManyAttempts(TooMany):
    title = "This order was tried to be paid too often; place another"


class RefundTooHigh(Refused):
    title = "More than what is left of the payment"


class MoneyGoneBack(Conflict):
    title = "Some of what was paid has gone back already"


class NotFailed(Conflict):
    title = "Only a refund that failed can be tried again"


class EventSeen(Conflict):
    title = "This event has been handled"


class Outcome(StrEnum):
    """What became of something the provider said; the value is the name of the metric that counts it."""

    CAPTURED = "PaymentCaptured"
    LATE = "LatePayment"
    DECLINED = "PaymentDeclined"
    CANCELED = "PaymentCanceled"
    REFUND_POSTED = "RefundPosted"
    REFUND_FAILED = "RefundFailed"
    REFUND_SENT = "RefundSent"
    QUARANTINED = "PaymentQuarantined"
    UNKNOWN = "ProviderEventUnknown"
    IGNORED = "ProviderEventIgnored"
    SEEN = "ProviderEventSeenBefore"
    UNANSWERED = "ProviderUnanswered"
    NOTHING_NEW = "NothingNew"


class Answer(Noun):
    """What the provider says of an intent, asked now; `live` where the money is real."""

    intent_id: str
    order_id: str
    live: bool
    status: str
    amount_minor: int
    received_minor: int
    currency: str
    charge_id: str | None
    decline_code: str | None


class RefundAnswer(Noun):
    """What the provider says of a refund, asked now; without `provider_id` it refused to make one."""

    provider_id: str | None
    status: str
    amount_minor: int
    currency: str
    failure_reason: str | None


# What was stored before the one word for it reads `state`.
Status = Annotated[str, Field(validation_alias=AliasChoices("status", "state"))]


class Attempt(Noun):
    """One intent at the provider. After a decline it is still open for another card, so a decline is not its end.

    It is `lost`, and without an id, where the provider failed over making it.
    """

    number: int
    intent_id: str | None = None
    status: AttemptStatus = "open"
    charge_id: str | None = None
    decline_code: str | None = None


class Fund(Noun):
    """So much of what an intent took."""

    intent_id: str
    amount_minor: int


class Payment(Versioned):
    """What is to be paid for an order; `refundable_minor` is the budget that every refund is taken from first.

    An order that was made of others has no attempt of its own: it is paid out of `funds`, of which each intent's other
    part may be another order's.
    """

    order_id: str
    buyer_id: str
    store_id: str
    currency: str
    amount_minor: int
    method: str = "card"
    status: Status = "awaiting"
    attempts: tuple[Attempt, ...] = ()
    deadline: datetime
    captured_minor: int = 0
    refundable_minor: int = 0
    funds: tuple[Fund, ...] = ()

    @property
    def awaited(self) -> str | None:
        return "awaited" if self.status == "awaiting" else None

    @property
    def live(self) -> str | None:
        """The intent that the buyer can still pay, or has just paid."""
        last = self.attempts[-1] if self.attempts else None
        return last.intent_id if last and last.status in ("open", "declined") else None

    @property
    def at_till(self) -> bool:
        """Whether the money went over the counter, and goes back over it: the provider knows nothing of it."""
        return self.method != "card"

    @property
    def paid_with(self) -> str:
        """The intent that took the money."""
        for attempt in self.attempts:
            if attempt.intent_id and attempt.status == "succeeded":
                return attempt.intent_id
        raise RefundTooHigh("Nothing has been paid", left_minor=0)

    @property
    def sources(self) -> tuple[Fund, ...]:
        """What the order is paid out of."""
        if self.funds or not self.attempts:
            return self.funds
        return (Fund(intent_id=self.paid_with, amount_minor=self.amount_minor),)

    def drawn(self, amount_minor: int, refunds: Iterable["Refund"]) -> tuple[Fund, ...]:
        """Out of which intents so much goes back: of several the first has to be used up first."""
        if len(self.sources) == 1:
            return (self.sources[0].but(amount_minor=amount_minor),)
        going = {fund.intent_id: 0 for fund in self.sources}
        for refund in refunds:
            if refund.status != "voided":
                going[refund.intent_id] += refund.amount_minor
        left = [fund.but(amount_minor=fund.amount_minor - going[fund.intent_id]) for fund in self.sources]
        return shared_out(left, [amount_minor])[0]

    def emptied(self) -> "Payment":
        """Without the money of its order, all of which must be there; what came too late stays to be given back."""
        if self.status == "captured" and self.refundable_minor < self.amount_minor:
            raise MoneyGoneBack()
        states.move(STATES, self.status, "moved", f"The payment of {self.order_id}")
        return self.but(
            status="moved",
            captured_minor=self.captured_minor - self.amount_minor,
            refundable_minor=self.refundable_minor - self.amount_minor,
        )

    def need_buyer(self, caller: Caller) -> None:
        if self.buyer_id != caller.id:
            raise NoSuchPayment()

    def need_scope(self, by: Caller) -> None:
        if not by.in_scope(self.store_id):
            raise NoSuchPayment()

    def need_awaiting(self) -> None:
        if self.status != "awaiting":
            raise NothingToPay(state=self.status)

    def started(self, intent_id: str) -> "Payment":
        """With one more attempt; there is no other while one is live, or two could be paid."""
        return self._with(Attempt(number=self.next_number(), intent_id=intent_id))

    def lost(self) -> "Payment":
        """With an attempt that came to nothing: nobody has its intent, if there is one, so nobody can pay it."""
        return self._with(Attempt(number=self.next_number(), status="lost"))

    def next_number(self) -> int:
        if len(self.attempts) >= MOST_ATTEMPTS:
            raise TooManyAttempts()
        return len(self.attempts) + 1

    def judge(self, answer: Answer, *, order_awaits: bool, live_money: bool) -> Outcome:
        """What the answer means for this payment; an answer that was heard before means nothing new."""
        attempt = next((one for one in self.attempts if one.intent_id == answer.intent_id), None)
        said = (answer.order_id, answer.live, answer.amount_minor, answer.currency)
        if attempt is None or said != (self.order_id, live_money, self.amount_minor, self.currency):
            return Outcome.QUARANTINED
        if answer.status == "succeeded":
            if answer.received_minor != self.amount_minor:
                return Outcome.QUARANTINED
            if attempt.status == "succeeded":
                return Outcome.NOTHING_NEW
            return Outcome.CAPTURED if self.status == "awaiting" and order_awaits else Outcome.LATE
        if answer.status == "canceled" and attempt.status != "canceled":
            return Outcome.CANCELED
        declined = answer.status == "requires_payment_method" and answer.decline_code and self.status == "awaiting"
        known = (answer.charge_id, answer.decline_code) == (attempt.charge_id, attempt.decline_code)
        return Outcome.DECLINED if declined and not known else Outcome.NOTHING_NEW

    def heard(self, answer: Answer, status: AttemptStatus) -> "Payment":
        """With the outcome of the attempt noted on it."""
        noted = {"status": status, "charge_id": answer.charge_id, "decline_code": answer.decline_code}
        return self.but(
            attempts=tuple(
                attempt.but(**noted) if attempt.intent_id == answer.intent_id else attempt for attempt in self.attempts
            )
        )

    def captured(self, answer: Answer) -> "Payment":
        states.move(STATES, self.status, "captured", f"The payment of {self.order_id}")
        amount = answer.received_minor
        return self.heard(answer, "succeeded").but(status="captured", captured_minor=amount, refundable_minor=amount)

    def taken(self, method: str) -> "Payment":
        """Money that lies in the till, or came by its terminal."""
        states.move(STATES, self.status, "captured", f"The payment of {self.order_id}")
        amount = self.amount_minor
        return self.but(method=method, status="captured", captured_minor=amount, refundable_minor=amount)

    def captured_late(self, answer: Answer) -> "Payment":
        """Money for an order that is over, or is paid: all of it is owed back at once, so no budget is left of it."""
        status = "voided" if self.status == "awaiting" else self.status
        taken = self.captured_minor + answer.received_minor
        return self.heard(answer, "succeeded").but(status=status, captured_minor=taken)

    def voided(self) -> "Payment":
        states.move(STATES, self.status, "voided", f"The payment of {self.order_id}")
        given_up = tuple(
            attempt.but(status="canceled") if attempt.intent_id and attempt.intent_id == self.live else attempt
            for attempt in self.attempts
        )
        return self.but(status="voided", attempts=given_up)

    def _with(self, attempt: Attempt) -> "Payment":
        return self.but(attempts=(*self.attempts, attempt))


class Share(Noun):
    """What an order that is made of others gets of their money."""

    order_id: str
    store_id: str
    amount_minor: int


def shared_out(funds: Iterable[Fund], amounts: Iterable[int]) -> list[tuple[Fund, ...]]:
    """Each amount out of the funds in turn; RefundTooHigh where they hold less than all the amounts."""
    left = {fund.intent_id: fund.amount_minor for fund in funds}
    found = []
    for amount in amounts:
        taken = []
        for intent_id, there in left.items():
            if part := min(amount, there):
                taken.append(Fund(intent_id=intent_id, amount_minor=part))
                left[intent_id] -= part
                amount -= part
        if amount:
            raise RefundTooHigh(left_minor=sum(left.values()))
        found.append(tuple(taken))
    return found


def together(funds: Iterable[Fund]) -> tuple[Fund, ...]:
    """With one for each intent."""
    sums: dict[str, int] = {}
    for fund in funds:
        sums[fund.intent_id] = sums.get(fund.intent_id, 0) + fund.amount_minor
    return tuple(Fund(intent_id=intent_id, amount_minor=amount) for intent_id, amount in sums.items())


class Refund(Versioned):
    """Money owed back out of one intent, or out of a till, which is none; `sale` is what the report of it says about
    the sale, as plain values.
    """

    refund_id: str
    order_id: str
    buyer_id: str
    store_id: str
    intent_id: str
    method: str = "card"
    currency: str
    amount_minor: int
    cause: Annotated[str, Mark.WITHHELD]
    case_id: str | None = None
    status: Status = "pending"
    asked_at: datetime
    posted_at: datetime | None = None
    look_at: datetime | None = None
    provider_id: str | None = None
    failure_reason: str | None = None
    sale: dict[str, Any] | None = None

    @property
    def awaited(self) -> str | None:
        if self.status == "posted":
            return "posted" if self.look_at else None
        return "awaited" if self.status == "pending" else None

    @property
    def due_at(self) -> datetime:
        return self.look_at or self.asked_at

    def judge(self, answer: RefundAnswer) -> Outcome:
        if (answer.amount_minor, answer.currency) != (self.amount_minor, self.currency):
            return Outcome.QUARANTINED
        if answer.status in ("failed", "canceled"):
            return Outcome.NOTHING_NEW if self.status == "voided" else Outcome.REFUND_FAILED
        if self.status != "pending":
            return Outcome.NOTHING_NEW
        if answer.status == "succeeded":
            return Outcome.REFUND_POSTED
        return Outcome.NOTHING_NEW if self.provider_id else Outcome.REFUND_SENT

    def posted(self, answer: RefundAnswer, at: datetime) -> "Refund":
        return self.heard(answer, "posted").but(posted_at=at).looked_at(at)

    def looked_at(self, now: datetime) -> "Refund":
        """To be looked at again, if not for the last time."""
        looks = [self.posted_at + span for span in LOOKS] if self.posted_at else []
        return self.but(look_at=next((at for at in looks if at > now), None))

    def heard(self, answer: RefundAnswer, status: str) -> "Refund":
        if status != self.status:
            states.move(REFUND_STATES, self.status, status, f"Refund {self.refund_id}")
        return self.but(
            status=status, provider_id=answer.provider_id or self.provider_id, failure_reason=answer.failure_reason
        )


class MoneyEvent(Noun):
    """One movement of money, written once and never changed; `subject` is the charge or the refund that moved it."""

    order_id: str
    kind: EventKind
    subject: str
    amount_minor: int
    currency: str
    method: str = "card"
    transaction_number: str | None = None
    at: datetime

    @property
    def effect(self) -> str:
        """Unique in its order: the same effect cannot be written twice."""
        return f"{self.kind}:{self.subject}"


class Balances(Noun):
    """With automatic capture the bank's approval and the charge are one event, so both have the same amount.

    What was moved to another order counts there as charged, so that over all orders it is what was charged.
    """

    authorised_minor: int
    charged_minor: int
    refunded_minor: int
    pending_minor: int


def balances(events: Iterable[MoneyEvent]) -> Balances:
    """From the set of effects: neither their order nor a repetition matters. A failed refund has moved nothing."""
    amounts: dict[EventKind, dict[str, int]] = {kind: {} for kind in get_args(EventKind)}
    for event in events:
        amounts[event.kind][event.subject] = event.amount_minor
    owed, posted, failed = amounts["refund_owed"], amounts["refund_posted"], amounts["refund_failed"]
    charged = sum((*amounts["charge"].values(), *amounts["moved_in"].values())) - sum(amounts["moved_out"].values())
    return Balances(
        authorised_minor=charged,
        charged_minor=charged,
        refunded_minor=sum(amount for refund, amount in posted.items() if refund not in failed),
        pending_minor=sum(amount for refund, amount in owed.items() if refund not in {*posted, *failed}),
    )


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
    if type in INTENT_EVENTS | REFUND_EVENTS:
        return None
    return Outcome.IGNORED if type in IGNORED_EVENTS else Outcome.UNKNOWN


class PaymentWish(Input):
    order_id: Id


class PaymentStart(Noun):
    """With these the buyer's browser confirms the payment at the provider."""

    intent_id: str
    client_secret: str
    publishable_key: str


class PaymentView(Noun):
    """A payment as its buyer sees it; `decline_code` says why the last card was refused."""

    order_id: str
    status: str
    amount_minor: int
    currency: str
    deadline: datetime
    decline_code: str | None = None

    @classmethod
    def of(cls, payment: Payment) -> "PaymentView":
        declined = payment.attempts[-1].decline_code if payment.attempts else None
        return cls(decline_code=declined, **payment.model_dump(include={*cls.model_fields} - {"decline_code"}))


class PaymentFile(Noun):
    """A payment as staff see it, with every movement of money."""

    payment: Payment
    refunds: list[Refund]
    events: list[MoneyEvent]
    balances: Balances
