"""Stocktakes: open one, enter what was found, see how far it is, and have the differences booked."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.inventory.actions import stocktakes
from souk.domains.inventory.model.stocktakes import (
    CountDraft,
    Stocktake,
    StocktakeCard,
    StocktakeDraft,
    StocktakeLine,
    Which,
)
from souk.domains.inventory.store import stocktakes as store
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import post_stock
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.post("/staff/stocktakes", may="stock.write", status=HTTPStatus.CREATED)
def open_stocktake(draft: StocktakeDraft) -> Stocktake:
    """It takes counts as soon as it is `open`. The same reference sent again is the same stocktake."""
    return post_stock.open_stocktake(draft, by=caller())


@app.get("/staff/stocktakes", may="stock.read")
def list_of_store(store_id: Annotated[Id, Query()], limit: Limit = 20, cursor: Cursor = None) -> Page[StocktakeCard]:
    """Newest first."""
    caller().need_store(store_id)
    return paged(lambda position: store.stocktakes(store_id, limit, position), cursor, of=f"stocktakes of {store_id}")


@app.get("/staff/stocktakes/{stocktake_id}", may="stock.read")
def read(stocktake_id: str) -> Stocktake:
    return store.stocktake_for(stocktake_id, by=caller())


@app.get("/staff/stocktakes/{stocktake_id}/lines", may="stock.read")
def list_lines(
    stocktake_id: str, which: Which = "all", limit: Limit = 20, cursor: Cursor = None
) -> Page[StocktakeLine]:
    """By SKU. Of some only, a page may hold fewer than asked, or none, and another come after it."""
    store.stocktake_for(stocktake_id, by=caller())
    return paged(
        lambda position: store.stocktake_lines(stocktake_id, limit, position, which),
        cursor,
        of=f"lines of {stocktake_id}, {which}",
    )


@app.post("/staff/stocktakes/{stocktake_id}/counts", may="stock.write")
def count(stocktake_id: str, draft: CountDraft) -> Page[StocktakeLine]:
    """What was found; counted again, the last count holds. The same reference sent again changes nothing."""
    return Page(items=stocktakes.count(stocktake_id, draft, by=caller()))


@app.post("/staff/stocktakes/{stocktake_id}/post", may="stock.write")
def post(stocktake_id: str) -> Stocktake:
    """Ends the counting; the differences are booked from now on. What nobody has counted stays as it is."""
    return stocktakes.end_stocktake(stocktake_id, by=caller())


@app.post("/staff/stocktakes/{stocktake_id}/cancel", may="stock.write")
def cancel(stocktake_id: str) -> Stocktake:
    return stocktakes.cancel_stocktake(stocktake_id, by=caller())
