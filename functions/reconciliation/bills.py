"""Bills of payment providers for staff: send one up, see what it adds up to, and settle what it differs in."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.reconciliation import store
from souk.domains.reconciliation.actions import bills, differences
from souk.domains.reconciliation.model.bill import BillDraft, BillReport, BillUrl, Provider
from souk.domains.reconciliation.model.difference import Assignment, Difference, Resolution, Status
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page
from souk.kernel.shapes import Month

app, handler = http_api()


@app.post("/staff/bills", may="ledger.write", status=HTTPStatus.CREATED)
def ask_for(draft: BillDraft) -> BillUrl:
    """The file itself goes straight into the bucket; one that was corrected takes the place of the one before."""
    return bills.ask_for(draft, by=caller())


@app.get("/staff/bills", may="ledger.read")
def of_month(
    month: Annotated[Month, Query(description="As 2026-11")], limit: Limit = 20, cursor: Cursor = None
) -> Page[BillReport]:
    """Day by day, newest first, with the sums of each."""
    caller().need_store(None)
    return paged(lambda position: store.bills(month, limit, position), cursor, of=f"bills of {month}")


@app.get("/staff/bills/{bill_id}", may="ledger.read")
def read(bill_id: str) -> BillReport:
    return BillReport.of(store.bill_for(bill_id, by=caller()))


@app.post("/staff/bills/{bill_id}/compare", may="ledger.write", status=HTTPStatus.ACCEPTED)
def compare_again(bill_id: str) -> BillReport:
    """The same file, with what the shop knows by now; some seconds later."""
    return bills.compare_again(bill_id, by=caller())


@app.get("/staff/bills/{bill_id}/differences", may="ledger.read")
def of_bill(bill_id: str, limit: Limit = 20, cursor: Cursor = None) -> Page[Difference]:
    store.bill_for(bill_id, by=caller())
    return paged(
        lambda position: store.differences_of_bill(bill_id, limit, position), cursor, of=f"differences of {bill_id}"
    )


@app.get("/staff/differences", may="ledger.read")
def by_status(
    provider: Provider, status: Status = "open", limit: Limit = 20, cursor: Cursor = None
) -> Page[Difference]:
    """The tasks that bills have made, those of the newest day first."""
    caller().need_store(None)
    return paged(
        lambda position: store.by_status(provider, status, limit, position),
        cursor,
        of=f"differences {provider} {status}",
    )


@app.post("/staff/differences/{bill_id}/{difference_id}/assign", may="ledger.write")
def assign(bill_id: str, difference_id: str, said: Assignment) -> Difference:
    return differences.assign(bill_id, difference_id, said, by=caller())


@app.post("/staff/differences/{bill_id}/{difference_id}/resolve", may="ledger.write")
def resolve(bill_id: str, difference_id: str, said: Resolution) -> Difference:
    """Where it is written off, the books then hold what the provider's account holds."""
    return differences.resolve(bill_id, difference_id, said, by=caller())
