"""Listing for staff: put a product on the shelf, now or at a time to come, take it off, read what was done."""

from souk.domains.catalog import actions, store
from souk.domains.catalog.model.listing import Delisting, ListingEntry, Plan, Reason
from souk.domains.catalog.model.product import Listing
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/staff/listings/{product_id}", may="catalog.read")
def read(product_id: str) -> Listing:
    return store.get(product_id).listing()


@app.post("/staff/listings/{product_id}/list", may="listing.write")
def list_product(product_id: str, why: Reason) -> Listing:
    return actions.list_product(product_id, by=caller(), reason=why.reason)


@app.post("/staff/listings/{product_id}/delist", may="listing.write")
def delist_product(product_id: str, why: Delisting) -> Listing:
    return actions.delist_product(product_id, by=caller(), reason=why.reason)


@app.put("/staff/listings/{product_id}/schedule", may="listing.write")
def plan_listing(product_id: str, plan: Plan) -> Listing:
    return actions.plan_listing(product_id, plan, by=caller())


@app.delete("/staff/listings/{product_id}/schedule", may="listing.write")
def cancel_plan(product_id: str) -> Listing:
    return actions.cancel_plan(product_id, by=caller())


@app.get("/staff/listings/{product_id}/history", may="catalog.read")
def read_history(product_id: str, limit: Limit = 20, cursor: Cursor = None) -> Page[ListingEntry]:
    store.get(product_id)
    return paged(lambda position: store.history(product_id, limit, position), cursor, of=f"listings {product_id}")
