"""Pick tasks for the warehouse: what is to be taken from the shelves, and that it was."""

from typing import Annotated

from souk.domains.shipping import actions, store
from souk.domains.shipping.model import Pick, PickCard, PickStatus
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.get("/staff/picks", may="orders.pick")
def list_of_store(
    store_id: Annotated[Id, Query()],
    status: PickStatus = "open",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[PickCard]:
    """Oldest first."""
    caller().need_store(store_id)
    return paged(
        lambda position: store.picks(store_id, status, limit, position), cursor, of=f"picks of {store_id} {status}"
    )


@app.get("/staff/picks/{order_id}", may="orders.pick")
def read(order_id: str) -> Pick:
    return store.pick_for(order_id, by=caller())


@app.post("/staff/picks/{order_id}/picked", may="orders.pick")
def mark_picked(order_id: str) -> Pick:
    return actions.pick_order(order_id, by=caller())
