"""The refund case: what the buyer asks for, what it is worth, and how it went on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from souk.domains.aftersales.model.pricing import Bought, CaseLine, priced_lines
from souk.domains.aftersales.model.returns import Condition, ReturnIdUsed, StoreReturn
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


CaseStatus = Literal["requested", "more_asked", "approved", "rejected", "refunding", "failed", "refunded"]


class NoSuchCase(Missing):
    title = "No such case"


class CaseAlreadyOpen(Conflict):
    title = "A case about these goods is open"


class Step(Noun):
    status: str
    at: datetime
    by: str
    text: Annotated[str | None, Mark.WITHHELD] = None


class RefundCase(Versioned):
    """A request for money back; its history says who did what, when.

    `store_id` is the store that sold the goods, `returned_to` the one that has them again.
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
        return self.but(status=to, history=(*self.history, Step(status=to, at=at, by=by, text=text)))

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
    timeline: tuple[TimelineStep, ...]

    @classmethod
    def of(cls, case: RefundCase) -> "CaseView":
        steps = tuple(TimelineStep.model_validate(dict(step)) for step in case.history)
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
