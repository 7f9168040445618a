"""The refund case: what the buyer asks for, what it is worth, and how it went on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from souk.kernel import ids, money, states
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.shapes import Id, Input, Mark, Noun, Prose, Quantity, Sku, Texts, Versioned, units_by_sku
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
REFUNDABLE = ("part_shipped", "shipped", "received", "completed")
# What each waiting step of the workflow waits for the case to leave.
WAITING = {"AwaitReview": ("requested", "more_asked"), "AwaitRefund": ("approved", "refunding", "failed")}
WATCHED = tuple(status for statuses in WAITING.values() for status in statuses)  # a workflow is at work on these

Condition = Literal["restock", "scrap"]
Reason = Literal["damaged", "wrong_item", "not_as_described", "not_wanted", "late", "other"]
CaseStatus = Literal["requested", "more_asked", "approved", "rejected", "refunding", "failed", "refunded"]
Remark = Annotated[Prose, Field(min_length=1, max_length=1000)]


class NoSuchCase(Missing):
    title = "No such case"


class NotRefundable(Conflict):
    title = "Goods that have not been sent cannot be given back"


class TooManyUnits(Refused):
    title = "So many units cannot be given back"


class NothingWasPaid(Refused):
    title = "Nothing was paid for these goods"


class CaseAlreadyOpen(Conflict):
    title = "A case about these goods is open"


class ReturnWindowOver(Conflict):
    title = "The time to bring goods back is over"


class ReturnIdUsed(Conflict):
    title = "The store has another return of that name"


class WantedBack(Input):
    sku: Sku
    quantity: Quantity


class RefundWish(Input):
    """A buyer asks for money back; what the units are worth is not for the buyer to say."""

    order_id: Id
    lines: Annotated[list[WantedBack], Field(min_length=1, max_length=40)]
    reason: Reason
    text: Remark | None = None

    def units(self) -> dict[str, int]:
        return units_by_sku((line.sku, line.quantity) for line in self.lines)


class StoreReturn(Input):
    """Goods that lie on a store's counter again, whichever store they came from. `scrap` is not to be sold any more.

    The order is named by its id, or by the number on its receipt. `return_id` is the client's name for the return: sent
    twice, it is one.
    """

    return_id: Id
    store_id: Id
    order_id: Id | None = None
    number: Annotated[str, Field(strict=True, pattern=ids.ORDER_NUMBER)] | None = None
    lines: Annotated[list[WantedBack], Field(min_length=1, max_length=30)]
    condition: Condition
    reason: Reason = "not_wanted"
    text: Remark | None = None

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        if (self.order_id is None) == (self.number is None):
            raise ValueError("needs either order_id or number")
        return self

    @property
    def case_id(self) -> str:
        return ids.derived("cas", self.store_id, self.return_id)

    def units(self) -> dict[str, int]:
        return units_by_sku((line.sku, line.quantity) for line in self.lines)


class Said(Input):
    """A question of the staff, the buyer's answer to it, or why a request is rejected."""

    text: Remark


class Bought(Noun):
    """A line of the order as the case needs it; `paid_minor` is all that was paid for it, freight and tax included.

    `left_out` are the units that never leave: their part of it has gone back already, or on to other goods.
    """

    sku: str
    name: Texts
    quantity: int
    shipped: int
    refunded: int
    left_out: int = 0
    paid_minor: int


class CaseLine(Noun):
    sku: str
    name: Texts
    quantity: int
    amount_minor: int


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


def need_refundable(order_status: str) -> None:
    if order_status not in REFUNDABLE:
        raise NotRefundable(f"The order is {order_status}", state=order_status)


def need_in_time(arrived_at: datetime | None, return_time: timedelta | None, now: datetime) -> None:
    if arrived_at and return_time is not None and now > arrived_at + return_time:
        raise ReturnWindowOver(until=(arrived_at + return_time).isoformat())


def need_none_open(skus: Iterable[str], opened: Mapping[str, str]) -> None:
    """`opened` tells the case that is open about a SKU."""
    for sku in skus:
        if sku in opened:
            raise CaseAlreadyOpen(sku=sku, case_id=opened[sku])


def priced_lines(wanted: Mapping[str, int], bought: Sequence[Bought]) -> tuple[CaseLine, ...]:
    """What the units are worth: their share of all that was paid for the line.

    Freight and tax were apportioned to the lines, so they go back with the units they were paid for, whatever the
    reason; the parts of any sequence of refunds end exactly at what was paid. Only units that were sent count: what
    never left is cancelled, not given back.
    """
    by_sku = {line.sku: line for line in bought}
    for sku, quantity in wanted.items():
        line = by_sku.get(sku)
        left = line.shipped - line.refunded if line else 0
        if quantity > left:
            raise TooManyUnits(f"{left} of {sku} can be given back", sku=sku, left=max(left, 0))
    lines = tuple(_priced(by_sku[sku], quantity) for sku, quantity in wanted.items())
    if not sum(line.amount_minor for line in lines):
        raise NothingWasPaid()
    return lines


def status_by_refunds(amount_minor: int, refunds: Iterable[tuple[str, int]]) -> str:
    """Where a case of that amount stands by status and amount of its refunds.

    An earlier one may have failed before another was posted, and it may need several that make the amount together.
    """
    sums = {"posted": 0, "pending": 0, "voided": 0}
    for status, part_minor in refunds:
        sums[status] += part_minor
    return "refunded" if sums["posted"] >= amount_minor else "refunding" if sums["pending"] else "failed"


def _priced(line: Bought, quantity: int) -> CaseLine:
    worth = money.share_of_units(line.paid_minor, line.quantity, line.refunded + line.left_out, quantity)
    return CaseLine(sku=line.sku, name=line.name, quantity=quantity, amount_minor=worth)
