"""Listing for staff: put a product on the shelf or take it off, now or at a time to come; read what was done."""

from souk.domains.catalog.actions import listing
from souk.domains.catalog.model.listing import (
    BulkDelisting,
    Delisting,
    DelistOutcomes,
    ListingEntry,
    Plan,
    Reason,
    SoldOutPolicy,
)
from souk.domains.catalog.model.sheet import Listing
from souk.domains.catalog.store import products as store
from souk.domains.stores.store.settings import at_hand
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import merchant_business
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/staff/listings/{product_id}", may="catalog.read")
def read(product_id: str) -> Listing:
    return Listing.of(store.get_for(product_id, caller()))


@app.post("/staff/listings/{product_id}/list", may="listing.write")
def list_product(product_id: str, why: Reason) -> Listing:
    return merchant_business.list_product(product_id, by=caller(), reason=why.reason)


@app.post("/staff/listings/{product_id}/delist", may="listing.write")
def delist_product(product_id: str, why: Delisting) -> Listing:
    return listing.delist_product(product_id, by=caller(), reason=why.reason)


@app.post("/staff/listings/delist", may="listing.write")
def delist_products(wanted: BulkDelisting) -> DelistOutcomes:
    """All at once, each answered for itself; when it answers, none of those delisted can be bought."""
    return listing.delist_products(wanted, by=caller())


@app.put("/staff/listings/{product_id}/sold-out", may="listing.write")
def set_sold_out(product_id: str, policy: SoldOutPolicy) -> Listing:
    """Whether it goes off the shelf with its last unit, and comes back by itself when it is restocked."""
    return listing.set_sold_out(product_id, policy, shops=at_hand().settings.sold_out, by=caller())


@app.put("/staff/listings/{product_id}/schedule", may="listing.write")
def plan_listing(product_id: str, plan: Plan) -> Listing:
    return merchant_business.plan_listing(product_id, plan, by=caller())


@app.delete("/staff/listings/{product_id}/schedule", may="listing.write")
def cancel_plan(product_id: str) -> Listing:
    return listing.cancel_plan(product_id, by=caller())


@app.get("/staff/listings/{product_id}/history", may="catalog.read")
def read_history(product_id: str, limit: Limit = 20, cursor: Cursor = None) -> Page[ListingEntry]:
    store.get_for(product_id, caller())
    return paged(lambda position: store.history(product_id, limit, position), cursor, of=f"listings {product_id}")
