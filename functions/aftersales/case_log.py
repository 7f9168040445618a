"""The log of after-sales cases: found by period, store and result, counted, compared, and taken away as files."""

from datetime import date
from typing import Annotated

from souk.domains.aftersales import store
from souk.domains.aftersales.actions import log
from souk.domains.aftersales.model import statistics
from souk.domains.aftersales.model.lifecycle import CaseStatus
from souk.domains.aftersales.model.record import CaseFilter, CaseRecord, Period
from souk.domains.aftersales.model.statistics import CaseStatistics, SatisfactionReport, StepReport
from souk.domains.aftersales.model.wish import Reason
from souk.domains.stores.store import settings as stores
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page
from souk.kernel.shapes import FIRST_DAY, LAST_DAY, Date, Id
from souk.kernel.sheet import Sheet

app, handler = http_api()

First = Annotated[Date, Query(alias="from", ge=FIRST_DAY, le=LAST_DAY, description="First day, by the shop's calendar")]
Last = Annotated[Date, Query(alias="to", ge=FIRST_DAY, le=LAST_DAY, description="Last day, included")]
StoreId = Annotated[Id | None, Query(description="One store; all that the caller may see if left out")]
HandledBy = Annotated[Id | None, Query(description="Who of the staff decided")]


@app.get("/staff/cases", may="refunds.read")
def list_cases(
    first: First,
    last: Last,
    store_id: StoreId = None,
    status: CaseStatus | None = None,
    reason: Reason | None = None,
    handled_by: HandledBy = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[CaseRecord]:
    """Cases by when they were opened, oldest first. Filtered, a page may hold fewer, and another come after it."""
    period, wanted = _asked(first, last, store_id, status=status, reason=reason, handled_by=handled_by)
    return paged(
        lambda position: store.log(period, wanted, caller(), limit, position), cursor, of=f"cases {period} {wanted}"
    )


@app.get("/staff/cases/overdue", may="refunds.read")
def list_overdue(limit: Limit = 20, cursor: Cursor = None) -> Page[CaseRecord]:
    """What stores have let wait for too long is head office's to see to; the longest first."""
    caller().need_store(None)
    return paged(lambda position: store.overdue(limit, position), cursor, of="overdue cases")


@app.get("/staff/cases/export", may="refunds.read")
def export_period(first: First, last: Last, store_id: StoreId = None, status: CaseStatus | None = None) -> Sheet:
    return log.export_period(*_asked(first, last, store_id, status=status), by=caller())


@app.get("/staff/cases/statistics", may="refunds.read")
def count(first: First, last: Last, store_id: StoreId = None) -> CaseStatistics:
    return statistics.statistics(_records(first, last, store_id))


@app.get("/staff/cases/satisfaction", may="refunds.read")
def rate(first: First, last: Last, store_id: StoreId = None) -> SatisfactionReport:
    return statistics.satisfaction(_records(first, last, store_id))


@app.get("/staff/cases/steps", may="refunds.read")
def time_steps(first: First, last: Last, store_id: StoreId = None) -> StepReport:
    """How long cases stand in each status, and which do so for longer than they should."""
    return log.slow_steps(_records(first, last, store_id))


@app.get("/staff/cases/{case_id}/export", may="refunds.read")
def export_case(case_id: str) -> Sheet:
    return log.export_case(case_id, by=caller())


def _records(first: date, last: date, store_id: str | None) -> list[CaseRecord]:
    return store.records_of(*_asked(first, last, store_id), by=caller())


def _asked(first: date, last: date, store_id: str | None, **wanted: str | None) -> tuple[Period, CaseFilter]:
    period = Period(first=first, last=last, time_zone=stores.at_hand().settings.time_zone)
    period.check()
    if store_id:
        caller().need_store(store_id)
    return period, CaseFilter(store_id=store_id, **wanted)
