"""The refund case: what the buyer asks for, what it is worth, and how it went on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from souk.domains.aftersales.model.photos import NoSuchPhoto, Photo
from souk.domains.aftersales.model.pricing import Bought, CaseLine, priced_lines
from souk.domains.aftersales.model.returns import Condition, ReturnIdUsed, StoreReturn
from souk.domains.aftersales.model.review import MOST_QUESTIONS, AskedTooMuch, Rating, RatingDraft
from souk.domains.aftersales.model.wish import Reason
from souk.kernel import states
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing
from souk.kernel.shapes import Mark, Noun, Versioned
from souk.kernel.states import States

STATES: States = {
    "requested": {"more_asked", "approved", "rejected"},
    "more_asked": {"requested", "rejected"},
    "approved": {"refunding"},
    "rejected": set(),
    "refunding": {"refunded", "failed"},
    # Another refund may be sent after one that failed, and one that was posted may come back.
    "failed": {"refunding", "refunded"},
    "refunded": {"failed", "refunding"},
}
# What each waiting step of the workflow waits for the case to leave.
WAITING = {"AwaitReview": ("requested", "more_asked"), "AwaitRefund": ("approved", "refunding", "failed")}
WATCHED = tuple(status for statuses in WAITING.values() for status in statuses)  # a workflow is at work on these
# Where a case ends; money that was refunded may still come back.
ENDS = (*(status for status, after in STATES.items() if not after), "refunded")
ESCALATED = "escalated"  # in the history, of a case that has waited too long where it stood before

CaseStatus = Literal["requested", "more_asked", "approved", "rejected", "refunding", "failed", "refunded"]


class NoSuchCase(Missing):
    title = "No such case"


class CaseAlreadyOpen(Conflict):
    title = "A case about these goods is open"


class NotClosed(Conflict):
    title = "The case is not closed yet"


class RatedAlready(Conflict):
    title = "The case is rated already"


class Step(Noun):
    """What somebody did about the case, and with which words and photos; it is never changed or taken away."""

    status: str
    at: datetime
    by: str
    text: Annotated[str | None, Mark.WITHHELD] = None
    photos: tuple[Photo, ...] = ()


class RefundCase(Versioned):
    """A request for money back; its history is its log: who did what, when.

    `store_id` is the store that sold the goods, `returned_to` the one that has them again. `assisted_by` is who of the
    staff asked in the buyer's name.
    """

    case_id: str
    order_id: str
    order_number: str
    store_id: str
    buyer_id: str
    currency: str
    status: str = "requested"
    reason: Reason
    lines: tuple[CaseLine, ...]
    amount_minor: int
    opened_at: datetime
    escalated: bool = False
    returned_to: str | None = None
    condition: Condition | None = None
    assisted_by: str | None = None
    rating: Rating | None = None
    history: tuple[Step, ...]

    def need_same(self, brought: StoreReturn) -> None:
        """A repeated command meets its own first run; another under the same name is refused."""
        same_order = brought.order_id == self.order_id or brought.number == self.order_number
        if not same_order or (self.units, self.condition) != (brought.units(), brought.condition):
            raise ReturnIdUsed(case_id=self.case_id)

    @property
    def units(self) -> dict[str, int]:
        return {line.sku: line.quantity for line in self.lines}

    def moved(self, to: str, at: datetime, by: str, text: str | None = None) -> "RefundCase":
        states.move(STATES, self.status, to, f"Case {self.case_id}")
        return self._with(Step(status=to, at=at, by=by, text=text)).but(status=to)

    def showing(self, photos: tuple[Photo, ...]) -> "RefundCase":
        """With the photos that came with its last step."""
        return self.but(history=(*self.history[:-1], self.history[-1].but(photos=photos)))

    def asked(self, question: str, at: datetime, by: str) -> "RefundCase":
        if sum(step.status == "more_asked" for step in self.history) >= MOST_QUESTIONS:
            raise AskedTooMuch()
        return self.moved("more_asked", at, by, question)

    def escalated_at(self, at: datetime, by: str) -> "RefundCase":
        """Once for each wait, however often the workflow reminds of it."""
        if self.history[-1].status == ESCALATED:
            return self
        return self._with(Step(status=ESCALATED, at=at, by=by)).but(escalated=True)

    def rated(self, draft: RatingDraft, at: datetime) -> "RefundCase":
        """One rating a case; the same again is the same."""
        if self.status not in ENDS:
            raise NotClosed(state=self.status)
        if self.rating and not self.rating.says(draft):
            raise RatedAlready()
        return self if self.rating else self.but(rating=Rating(at=at, **dict(draft)))

    def photo(self, photo_id: str) -> Photo:
        photos = (photo for step in self.history for photo in step.photos)
        found = next((photo for photo in photos if photo.photo_id == photo_id), None)
        if found is None:
            raise NoSuchPhoto()
        return found

    def _with(self, step: Step) -> "RefundCase":
        return self.but(history=(*self.history, step))

    def priced(self, bought: Sequence[Bought]) -> "RefundCase":
        """At what the units are worth now, after whatever else was given back meanwhile."""
        lines = priced_lines(self.units, bought)
        return self.but(lines=lines, amount_minor=sum(line.amount_minor for line in lines))

    def waits_at(self, step: str) -> bool:
        return self.status in WAITING[step]

    def need_buyer(self, caller: Caller) -> None:
        if self.buyer_id != caller.id:
            raise NoSuchCase()


class OpenCase(Noun):
    """Stands beside the order while a case about this SKU waits for its decision: there is one at most."""

    order_id: str
    sku: str
    case_id: str


class CaseWait(Noun):
    """The step of the workflow that waits for the case, and how to tell it."""

    case_id: str
    step: str
    token: str


class CaseCard(Noun):
    """A case in a list."""

    case_id: str
    order_id: str
    order_number: str
    status: str
    store_id: str
    buyer_id: str
    opened_at: datetime
    amount_minor: int
    currency: str
    escalated: bool = False


class TimelineStep(Noun):
    status: str
    at: datetime
    text: str | None = None
    photos: tuple[Photo, ...] = ()


class CaseView(Noun):
    """A case as its buyer sees it: when what happened, not which of the staff did it."""

    case_id: str
    order_id: str
    order_number: str
    status: str
    reason: str
    currency: str
    amount_minor: int
    lines: tuple[CaseLine, ...]
    opened_at: datetime
    rating: Rating | None = None
    timeline: tuple[TimelineStep, ...]

    @classmethod
    def of(cls, case: RefundCase) -> "CaseView":
        steps = tuple(TimelineStep.model_validate(dict(step)) for step in case.history if step.status != ESCALATED)
        return cls(timeline=steps, **{name: getattr(case, name) for name in cls.model_fields if name != "timeline"})


def need_none_open(skus: Iterable[str], opened: Mapping[str, str]) -> None:
    """`opened` tells the case that is open about a SKU."""
    for sku in skus:
        if sku in opened:
            raise CaseAlreadyOpen(sku=sku, case_id=opened[sku])


def status_by_refunds(amount_minor: int, refunds: Iterable[tuple[str, int]]) -> str:
    """Where a case of that amount stands by status and amount of its refunds.

    An earlier one may have failed before another was posted, and it may need several that make the amount together.
    """
    sums = {"posted": 0, "pending": 0, "voided": 0}
    for status, part_minor in refunds:
        sums[status] += part_minor
    return "refunded" if sums["posted"] >= amount_minor else "refunding" if sums["pending"] else "failed"
