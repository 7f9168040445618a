"""Merchants for staff: who has applied, with which documents, and what is decided."""

from souk.domains.merchants import actions
from souk.domains.merchants.model.merchant import Decision, Merchant, MerchantCard, Status
from souk.domains.merchants.store import merchants as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page
from souk.kernel.uploads import PictureView

app, handler = http_api()


@app.get("/staff/merchants", may="merchants.read")
def list_merchants(status: Status = "applied", limit: Limit = 20, cursor: Cursor = None) -> Page[MerchantCard]:
    caller().need_store(None)
    return paged(lambda position: store.with_status(status, limit, position), cursor, of=f"merchants {status}")


@app.get("/staff/merchants/{merchant_id}", may="merchants.read")
def read(merchant_id: str) -> Merchant:
    return store.for_staff(merchant_id, caller()).shown_to(caller())


@app.get("/staff/merchants/{merchant_id}/documents/{document_id}", may="merchants.read")
def read_document(merchant_id: str, document_id: str) -> PictureView:
    return actions.shown(store.for_staff(merchant_id, caller()), document_id)


@app.put("/staff/merchants/{merchant_id}/status", may="merchants.write")
def decide(merchant_id: str, decision: Decision) -> Merchant:
    """A suspension takes all its goods off the shelves: none of them can be bought as soon as this answers."""
    return actions.decide(merchant_id, decision, by=caller())
