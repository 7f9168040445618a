"""Money owed back out of one intent."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from souk.domains.payments.model.outcome import Outcome, Status
from souk.kernel import states
from souk.kernel.charging import Sum
from souk.kernel.errors import Conflict
from souk.kernel.paying import BANK, RefundTo
from souk.kernel.shapes import MAX_MINOR, Id, Input, Line, Mark, Noun, Versioned
from souk.kernel.states import States

# A refund that was posted may still come back: the card is closed, the bank refuses it.
# Awaiting: staff are to transfer it, and to say so.
REFUND_STATES: States = {
    "pending": {"posted", "voided"},
    "awaiting": {"posted", "voided"},
    "posted": {"voided"},
    "voided": set(),
}
# How long after it was posted a refund is looked at again: the provider says by webhook alone that one came back.
LOOKS = (timedelta(days=3), timedelta(days=14))


class NotFailed(Conflict):
    title = "Only a refund that failed can be tried again"


class RefundReferenceUsed(Conflict):
    title = "The order has another refund of that reference"


class PaidAlready(Conflict):
    title = "The refund was sent already"


class Goodwill(Input):
    """What staff pay back beyond what the goods' return is worth. The reference is the client's: sent twice, it is one
    refund.
    """

    reference: Id
    amount_minor: Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
    reason: Line
    refund_to: RefundTo = "source"


class RefundAnswer(Noun):
    """What the provider says of a refund, asked now; without `provider_id` it refused to make one. `intent_id` is
    empty where it does not say out of what it is paid.
    """

    provider_id: str | None
    intent_id: str = ""
    status: str
    amount_minor: int
    currency: str
    failure_reason: str | None


class Refund(Versioned):
    """Money owed back out of one intent, or out of a till, which is none; `sale` is what the report of it says about
    the sale, as plain values. Of one that failed the buyer's bank has `made_up_minor`.

    `refund_to` is where it was asked to go: what the balance had paid goes back there in any case. Of what was charged
    in another currency it takes up `charged`, which goes back where it goes back to the source.
    """

    refund_id: str
    order_id: str
    buyer_id: str
    store_id: str
    merchant_id: str | None = None
    intent_id: str
    method: str = "card"
    provider: str = "stripe"
    currency: str
    amount_minor: int
    charged: Sum | None = None
    cause: Annotated[str, Mark.WITHHELD]
    case_id: str | None = None
    top_up: bool = False
    goodwill: bool = False
    refund_to: RefundTo = "source"
    status: Status = "pending"
    asked_at: datetime
    posted_at: datetime | None = None
    look_at: datetime | None = None
    provider_id: str | None = None
    failure_reason: str | None = None
    made_up_minor: int = 0
    sale: dict[str, Any] | None = None

    def need_same(self, wanted: Goodwill, given_minor: int) -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        if (given_minor, self.cause, self.refund_to) != (wanted.amount_minor, wanted.reason, wanted.refund_to):
            raise RefundReferenceUsed(refund_id=self.refund_id)

    @property
    def asked(self) -> Sum:
        """What the provider is asked to send."""
        return self.charged or Sum(currency=self.currency, minor=self.amount_minor)

    @property
    def awaited(self) -> str | None:
        if self.status == "posted":
            return "posted" if self.look_at else None
        return {"pending": "awaited", "awaiting": "by_hand"}.get(self.status)

    @property
    def arrived_as(self) -> str:
        """Its status for who waits for the money: it has come, too, where the buyer's bank has paid it back."""
        return "posted" if self.made_up_minor == self.amount_minor else self.status

    @property
    def due_at(self) -> datetime:
        return self.look_at or self.asked_at

    def judge(self, answer: RefundAnswer) -> Outcome:
        said = answer.intent_id or self.intent_id, answer.amount_minor, answer.currency
        if said != (self.intent_id, self.asked.minor, self.asked.currency):
            return Outcome.QUARANTINED
        if answer.status in ("failed", "canceled"):
            return Outcome.NOTHING_NEW if self.status == "voided" else Outcome.REFUND_FAILED
        if self.status not in ("pending", "awaiting"):
            return Outcome.NOTHING_NEW
        if answer.status == "succeeded":
            return Outcome.REFUND_POSTED
        return Outcome.NOTHING_NEW if self.provider_id else Outcome.REFUND_SENT

    def posted(self, answer: RefundAnswer, at: datetime) -> "Refund":
        return self.heard(answer, "posted").but(posted_at=at).looked_at(at)

    def given_back(self) -> "Refund":
        """Over the counter, so there is nothing to come back of it."""
        return self.but(status="posted", posted_at=self.asked_at)

    def looked_at(self, now: datetime) -> "Refund":
        """To be looked at again, if not for the last time."""
        looks = [self.posted_at + span for span in LOOKS] if self.posted_at and self.provider != BANK else []
        return self.but(look_at=next((at for at in looks if at > now), None))

    def heard(self, answer: RefundAnswer, status: str) -> "Refund":
        if status != self.status:
            states.move(REFUND_STATES, self.status, status, f"Refund {self.refund_id}")
        return self.but(
            status=status, provider_id=answer.provider_id or self.provider_id, failure_reason=answer.failure_reason
        )
