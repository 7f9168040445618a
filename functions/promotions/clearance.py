"""Clearance for staff: what a store does not sell, and sales of it at a cut price."""

from typing import Annotated

from souk.domains.promotions.model.clearance import MOST_DAYS, ClearanceDraft, ClearanceOutcomes, SlowMover
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import clearance
from souk.kernel.page import Page
from souk.kernel.shapes import Id, Number

app, handler = http_api()

Days = Annotated[Number, Query(ge=1, le=MOST_DAYS, description="Without a sale, today included")]
Above = Annotated[Number, Query(ge=0, description="More units than this are available")]


@app.get("/staff/clearance", may="promotions.read")
def list_slow_movers(
    store_id: Annotated[Id, Query()], days: Days = 30, above: Above = 0, limit: Limit = 20, cursor: Cursor = None
) -> Page[SlowMover]:
    """By SKU. A page is of so many SKUs of the store, of which few may be slow: it may be empty, and another follow."""
    by = caller()
    by.need_store(store_id)
    return paged(
        lambda position: clearance.slow_movers(store_id, days, above, limit, position, by),
        cursor,
        of=f"slow movers of {store_id} {days} {above}",
    )


@app.post("/staff/clearance", may="promotions.write")
def clear(wanted: ClearanceDraft) -> ClearanceOutcomes:
    """A sale for each of the SKUs, each answered for itself."""
    return clearance.clear(wanted, by=caller())
