"""The log of all cases: a line for each, by which head office finds, counts and compares them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.lifecycle import ENDS, ESCALATED
from souk.kernel import clock
from souk.kernel.errors import Refused
from souk.kernel.shapes import Noun

MOST_DAYS, MOST_CASES = 366, 30_000  # what is read in a few seconds
_DECISIONS = ("approved", "rejected")


class WrongPeriod(Refused):
    title = f"Not a period of at most {MOST_DAYS} days and {MOST_CASES} cases"


class Passage(Noun):
    """When a case came to a status."""

    status: str
    at: datetime


class CaseRecord(Noun):
    """A case without what was said in it. `handled_by` decided it last; `is_late` if it ever waited too long.

    `overdue_since` is when that was, while it still does. `asked_minor`, which older releases did not keep, is what its
    goods were worth before their inspection.
    """

    case_id: str
    order_id: str
    order_number: str
    store_id: str
    status: str
    reason: str
    units: int
    amount_minor: int
    asked_minor: int | None = None
    currency: str
    opened_at: datetime
    closed_at: datetime | None = None
    overdue_since: datetime | None = None
    is_late: bool = False
    handled_by: str | None = None
    assisted_by: str | None = None
    stars: int | None = None
    passages: tuple[Passage, ...] = ()


class Period(Noun):
    """Days from the first to the last, both included, by the calendar of the shop."""

    first: date
    last: date
    time_zone: str

    def check(self) -> None:
        if not 0 <= (self.last - self.first).days < MOST_DAYS:
            raise WrongPeriod()

    @property
    def begins(self) -> datetime:
        return clock.midnight(self.first, ZoneInfo(self.time_zone))

    @property
    def ends(self) -> datetime:
        return clock.midnight(self.last + timedelta(days=1), ZoneInfo(self.time_zone))


class CaseFilter(Noun):
    """What is asked of the log; what is None is not asked."""

    store_id: str | None = None
    status: str | None = None
    reason: str | None = None
    handled_by: str | None = None

    def takes(self, record: CaseRecord) -> bool:
        return all(wanted in (None, getattr(record, name)) for name, wanted in self)


def record_of(case: RefundCase) -> CaseRecord:
    last = case.history[-1]
    passages = tuple(Passage(status=step.status, at=step.at) for step in case.history if step.status != ESCALATED)
    return CaseRecord(
        case_id=case.case_id,
        order_id=case.order_id,
        order_number=case.order_number,
        store_id=case.store_id,
        status=case.status,
        reason=case.reason,
        units=sum(case.units.values()),
        amount_minor=case.amount_minor,
        asked_minor=case.asked_minor,
        currency=case.currency,
        opened_at=case.opened_at,
        closed_at=passages[-1].at if case.status in ENDS else None,
        overdue_since=last.at if last.status == ESCALATED else None,
        is_late=case.escalated,
        handled_by=next((step.by for step in reversed(case.history) if step.status in _DECISIONS), None),
        assisted_by=case.assisted_by,
        stars=case.rating.stars if case.rating else None,
        passages=passages,
    )
