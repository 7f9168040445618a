"""Goods in, goods out and what is put right: book a document, read it, void it."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.inventory.actions import documents
from souk.domains.inventory.model.documents import (
    AdjustmentDraft,
    StockDocument,
    StockDocumentCard,
    StockDocumentDraft,
)
from souk.domains.inventory.store import documents as store
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import post_stock
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.post("/staff/stock-documents", may="stock.write", status=HTTPStatus.CREATED)
def post(draft: StockDocumentDraft) -> StockDocument:
    """The same reference sent again is the same document."""
    return post_stock.post_document(draft, by=caller())


@app.post("/staff/stock-documents/adjustments", may="stock.write", status=HTTPStatus.CREATED)
def adjust(draft: AdjustmentDraft) -> StockDocument:
    """Up or down, with a reason; what is promised to orders is taken only by force."""
    return post_stock.adjust(draft, by=caller())


@app.get("/staff/stock-documents", may="stock.read")
def list_of_store(
    store_id: Annotated[Id, Query()], limit: Limit = 20, cursor: Cursor = None
) -> Page[StockDocumentCard]:
    """Newest first."""
    caller().need_store(store_id)
    return paged(lambda position: store.documents(store_id, limit, position), cursor, of=f"documents of {store_id}")


@app.get("/staff/stock-documents/{document_id}", may="stock.read")
def read(document_id: str) -> StockDocument:
    return store.document_for(document_id, by=caller())


@app.post("/staff/stock-documents/{document_id}/void", may="stock.write")
def void(document_id: str) -> StockDocument:
    """Entries of its own undo what the document did."""
    return documents.void_document(document_id, by=caller())
