"""The books: what each account holds, what was booked when and why, vouchers of people, months and their statements."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.ledger import actions, store
from souk.domains.ledger.model.balance import TrialBalance, trial_balances
from souk.domains.ledger.model.period import AccountingPeriod
from souk.domains.ledger.model.voucher import Voucher, VoucherDraft
from souk.edge.caller import caller
from souk.edge.http import Path, Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import books as flow
from souk.kernel.journal import JournalEntry
from souk.kernel.page import Page
from souk.kernel.shapes import Date, Month
from souk.kernel.sheet import Sheet

app, handler = http_api()

OnDay = Annotated[Date, Query(description="UTC")]
OfMonth = Annotated[Month, Query(description="As 2026-11, UTC")]
InMonth = Annotated[Month, Path(description="As 2026-11, UTC")]
Until = Annotated[Month | None, Query(description="As 2026-11: to the end of this month; until now if left out")]


@app.get("/staff/ledger/balances", may="ledger.read")
def balances(until: Until = None) -> Page[TrialBalance]:
    """The trial balance of each currency; an entry counts there some seconds after it was booked."""
    caller().need_store(None)
    return Page(items=trial_balances(store.balances(until)))


@app.get("/staff/ledger/balances/export", may="ledger.read")
def export_balances(until: Until = None) -> Sheet:
    """The same for a spreadsheet, each currency with its sum."""
    return actions.export_balances(until, by=caller())


@app.get("/staff/ledger/journal/export", may="ledger.read")
def export_journal(day: OnDay) -> Sheet:
    """All that was booked that day, a row for each posting."""
    return flow.export_journal(day, by=caller())


@app.get("/staff/ledger/entries", may="ledger.read")
def of_day(day: OnDay, limit: Limit = 20, cursor: Cursor = None) -> Page[JournalEntry]:
    """All that was booked that day, in order."""
    caller().need_store(None)
    return paged(lambda position: store.of_day(day, limit, position), cursor, of=f"entries of {day}")


@app.get("/staff/ledger/entries/{subject}", may="ledger.read")
def of_subject(subject: str, limit: Limit = 20, cursor: Cursor = None) -> Page[JournalEntry]:
    """All that was booked of an order, a voucher, or a bill."""
    caller().need_store(None)
    return paged(lambda position: store.of_subject(subject, limit, position), cursor, of=f"entries of {subject}")


@app.get("/staff/ledger/vouchers", may="ledger.read")
def vouchers(month: OfMonth, limit: Limit = 20, cursor: Cursor = None) -> Page[Voucher]:
    """What people booked in a month, newest first."""
    caller().need_store(None)
    return paged(lambda position: store.vouchers(month, limit, position), cursor, of=f"vouchers of {month}")


@app.post("/staff/ledger/vouchers", may="ledger.write", status=HTTPStatus.CREATED)
def post(draft: VoucherDraft) -> Voucher:
    """The same reference sent again is the same voucher."""
    return actions.post_voucher(draft, by=caller())


@app.get("/staff/ledger/vouchers/{voucher_id}", may="ledger.read")
def read(voucher_id: str) -> Voucher:
    return store.voucher_for(voucher_id, by=caller())


@app.post("/staff/ledger/vouchers/{voucher_id}/void", may="ledger.write")
def void(voucher_id: str) -> Voucher:
    """An entry of its own takes back what it booked."""
    return actions.void_voucher(voucher_id, by=caller())


@app.get("/staff/ledger/statements/{month}", may="ledger.read")
def statement(month: InMonth) -> AccountingPeriod:
    """What was earned and spent; of a closed month, as it was when it was closed."""
    caller().need_store(None)
    return store.stated(month)


@app.get("/staff/ledger/statements/{month}/export", may="ledger.read")
def export_statement(month: InMonth) -> Sheet:
    """The same for a spreadsheet; of a month that is open, as it stands."""
    return actions.export_statement(month, by=caller())


@app.post("/staff/ledger/periods/{month}/close", may="ledger.write")
def close(month: InMonth) -> AccountingPeriod:
    """For good: no voucher is dated there any more, and its statement stays. Some days after its end."""
    return actions.close_period(month, by=caller())
