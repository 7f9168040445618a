"""The dispute desk: what buyers' banks take back, the evidence against it, and giving in."""

from typing import Annotated

from souk.domains.payments.model.dispute import Dispute, DisputeCard, DisputeStatus, Evidence
from souk.domains.payments.store import disputes as store
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import disputes
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.get("/staff/disputes", may="payments.read")
def list_disputes(
    store_id: Annotated[Id, Query()],
    status: Annotated[DisputeStatus, Query()] = "open",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[DisputeCard]:
    """Those of a store in one status, oldest first."""
    caller().need_store(store_id)
    return paged(
        lambda position: store.disputes(store_id, status, limit, position), cursor, of=f"disputes {store_id} {status}"
    )


@app.get("/staff/disputes/{order_id}/{dispute_id}", may="payments.read")
def read(order_id: str, dispute_id: str) -> Dispute:
    return store.dispute_for(order_id, dispute_id, caller())


@app.post("/staff/disputes/{order_id}/{dispute_id}/evidence", may="refunds.review")
def submit(order_id: str, dispute_id: str, evidence: Evidence) -> Dispute:
    """The bank takes it once, so all that is to be said belongs in it."""
    return disputes.submit(order_id, dispute_id, evidence, by=caller())


@app.post("/staff/disputes/{order_id}/{dispute_id}/accept", may="refunds.review")
def accept(order_id: str, dispute_id: str) -> Dispute:
    """It is lost with that, for good."""
    return disputes.accept(order_id, dispute_id, by=caller())
