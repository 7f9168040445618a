"""Disputes: what a buyer's bank takes back, or asks about first."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field

from souk.kernel import charging, money
from souk.kernel.caller import Caller
from souk.kernel.charging import Charge, Sum
from souk.kernel.errors import Conflict, Missing
from souk.kernel.shapes import Input, Mark, Noun, Prose, Versioned
from souk.kernel.states import States

DisputeStatus = Literal["inquiry", "open", "under_review", "won", "lost", "closed"]
# An inquiry may be closed without any money moved. The bank's word is the last.
STATES: States = {
    "inquiry": {"open", "under_review", "won", "lost", "closed"},
    "open": {"under_review", "won", "lost", "closed"},
    "under_review": {"won", "lost", "closed"},
    "won": set(),
    "lost": set(),
    "closed": set(),
}
DECIDED = {status for status in get_args(DisputeStatus) if not STATES[status]}
# How one ends that the shop has accepted, or loses.
ACCEPTED = {"lost", "closed"}
# Webhooks are given up after three days; until the bank has decided, which takes months, the provider is asked daily.
LOOK_EVERY = timedelta(days=1)


class NoSuchDispute(Missing):
    title = "No such dispute"


class DisputeDecided(Conflict):
    title = "The bank has the evidence already, or has decided"


class Evidence(Input):
    """What speaks for the shop; the bank takes it once."""

    text: Annotated[Prose, Field(min_length=1)]


class DisputeAnswer(Noun):
    """What the provider says of a dispute, asked now."""

    dispute_id: str
    status: DisputeStatus
    reason: str
    amount_minor: int
    currency: str
    withdrawn_minor: int
    reinstated_minor: int
    opened_at: datetime
    respond_by: datetime | None
    evidence: str | None


class Dispute(Versioned):
    """Of one intent, by the provider's own id, with the order that the intent was made for.

    `held_by` says how much of the intent's money is which order's, where that order was split or merged since: each
    bears its part, in turn. It is told once money has been withdrawn, and stays so.

    Its amounts are in the currency that the buyer was charged in; where that is not the shop's, the `charge` says what
    they are worth in it, beside what had `gone` back of it: so the whole is worth what it was charged for.
    """

    dispute_id: str
    order_id: str
    buyer_id: str
    store_id: str
    intent_id: str
    provider: str = "stripe"
    method: str = "card"
    currency: str
    amount_minor: int
    charge: Charge | None = None
    gone_minor: int = 0
    gone_charged_minor: int = 0
    top_up: bool = False
    reason: str
    status: DisputeStatus
    withdrawn_minor: int = 0
    reinstated_minor: int = 0
    held_by: dict[str, int] = {}
    opened_at: datetime
    respond_by: datetime | None = None
    look_at: datetime
    evidence: Annotated[str | None, Mark.WITHHELD] = None

    @property
    def awaited(self) -> str | None:
        """Where it is decided for the shop, until the money has come back."""
        over = self.status in DECIDED and not (self.taken_minor and self.status != "lost")
        return None if over else "awaited"

    @property
    def taken_minor(self) -> int:
        """What the bank has of it now, in the shop's money."""
        taken = self.withdrawn_minor - self.reinstated_minor
        if self.charge is None or not taken:
            return taken
        return self.charge.worth(self.gone_charged_minor + taken) - self.gone_minor

    def heard(self, answer: DisputeAnswer, now: datetime) -> "Dispute":
        """What an older answer says is passed over: nothing becomes undecided again, and no money is unmoved."""
        onward = answer.status in STATES[self.status]
        return self.but(
            status=answer.status if onward else self.status,
            withdrawn_minor=max(self.withdrawn_minor, answer.withdrawn_minor),
            reinstated_minor=max(self.reinstated_minor, answer.reinstated_minor),
            respond_by=answer.respond_by or self.respond_by,
            evidence=answer.evidence or self.evidence,
            look_at=now + LOOK_EVERY,
        )

    def says_as(self, other: "Dispute") -> bool:
        return self.but(look_at=other.look_at) == other

    def borne(self) -> dict[str, int]:
        """What the bank has of it, by the order whose money it was; what is more than they hold is the last one's."""
        left, found = self.taken_minor, dict[str, int]()
        for order_id, held_minor in self.held_by.items():
            found[order_id] = min(left, held_minor)
            left -= found[order_id]
        for order_id in list(found)[-1:]:
            found[order_id] += left
        return found

    def charged_since(self, known: "Dispute", order_id: str) -> Sum | None:
        """How much of that order's money the bank has moved since, as the buyer knows it: of all orders it is all."""
        if self.charge is None:
            return None
        moved = self._charged_of().get(order_id, 0) - known._charged_of().get(order_id, 0)
        return Sum(currency=self.currency, minor=abs(moved))

    def _charged_of(self) -> dict[str, int]:
        if not self.held_by:
            return {}
        borne, taken = self.borne(), self.withdrawn_minor - self.reinstated_minor
        return dict(zip(borne, money.apportion(taken, list(borne.values())), strict=True))

    def told(self, minor: int) -> int:
        """So much of the shop's money in the currency of the dispute."""
        return charging.share(self.charge, self.charge.of_minor, minor) if self.charge else minor

    @property
    def is_to_answer(self) -> bool:
        return self.status in ("inquiry", "open")

    def need_to_answer(self) -> None:
        if not self.is_to_answer:
            raise DisputeDecided(state=self.status)

    def need_scope(self, by: Caller) -> None:
        if not by.in_scope(self.store_id):
            raise NoSuchDispute()


class DisputeCard(Noun):
    """A dispute in a list."""

    dispute_id: str
    order_id: str
    store_id: str
    status: DisputeStatus
    reason: str
    amount_minor: int
    currency: str
    opened_at: datetime
    respond_by: datetime | None = None
