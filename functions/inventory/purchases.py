"""Replenishment: what a store should order, what was ordered for it, and what of that has arrived."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.inventory.actions import purchases
from souk.domains.inventory.model.consignments import Arrival, Status
from souk.domains.inventory.model.purchases import Proposal, PurchaseDraft, PurchaseOrder
from souk.domains.inventory.store import purchases as purchase_store
from souk.domains.inventory.store import stock as store
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import post_stock
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()
StoreId = Annotated[Id, Query()]


@app.get("/staff/purchases/proposals", may="stock.read")
def propose(store_id: StoreId, limit: Limit = 20, cursor: Cursor = None) -> Page[Proposal]:
    """What to order, by SKU. A page may hold fewer than asked, or none, and another come after it."""
    caller().need_store(store_id)
    page = paged(lambda position: store.of_store(store_id, limit, position), cursor, of=f"proposals of {store_id}")
    return Page(items=[Proposal.of(stock) for stock in page.items if stock.proposed], next_cursor=page.next_cursor)


@app.post("/staff/purchases", may="stock.purchase", status=HTTPStatus.CREATED)
def approve(draft: PurchaseDraft) -> PurchaseOrder:
    """The same reference sent again is the same purchase order."""
    return post_stock.approve_purchase(draft, by=caller())


@app.get("/staff/purchases", may="stock.read")
def list_of_store(
    store_id: StoreId, status: Status = "pending", limit: Limit = 20, cursor: Cursor = None
) -> Page[PurchaseOrder]:
    """The first due first; of those that are `partial` some has arrived."""
    caller().need_store(store_id)
    return paged(
        lambda position: purchase_store.purchases(store_id, status, limit, position),
        cursor,
        of=f"purchases of {store_id}, {status}",
    )


@app.get("/staff/purchases/{purchase_id}", may="stock.read")
def read(purchase_id: str) -> PurchaseOrder:
    return purchase_store.purchase_for(purchase_id, by=caller())


@app.post("/staff/purchases/{purchase_id}/receive", may="stock.write")
def receive(purchase_id: str, arrival: Arrival) -> PurchaseOrder:
    return purchases.receive_purchase(purchase_id, arrival, by=caller())


@app.post("/staff/purchases/{purchase_id}/cancel", may="stock.purchase")
def cancel(purchase_id: str) -> PurchaseOrder:
    """What has not arrived is not waited for."""
    return purchases.cancel_purchase(purchase_id, by=caller())
