"""Stock for staff: of a SKU, of a store, its ledger, its levels, and the orders that hold it."""

from typing import Annotated

from souk.domains.inventory.actions import stock as actions
from souk.domains.inventory.model.levels import LevelsEdit, SkuLevels, StockLevel
from souk.domains.inventory.model.stock import StockEntry
from souk.domains.inventory.store import stock as store
from souk.domains.orders.model.handling import Holder
from souk.domains.orders.store import lists as orders
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.get("/staff/stock", may="stock.read")
def list_of_store(store_id: Annotated[Id, Query()], limit: Limit = 20, cursor: Cursor = None) -> Page[StockLevel]:
    """What a store keeps, by SKU."""
    caller().need_store(store_id)
    page = paged(lambda position: store.of_store(store_id, limit, position), cursor, of=f"stock of {store_id}")
    return Page(items=[StockLevel.of(stock) for stock in page.items], next_cursor=page.next_cursor)


@app.get("/staff/stock/{sku}", may="stock.read")
def read_sku(sku: str) -> SkuLevels:
    """A SKU in every store of the caller's, with the sum."""
    return SkuLevels.of(sku, [stock for stock in store.of_sku(sku) if caller().in_scope(stock.store_id)])


@app.get("/staff/stock/{sku}/{store_id}", may="stock.read")
def read(sku: str, store_id: str) -> StockLevel:
    caller().need_store(store_id)
    return StockLevel.of(store.get(sku, store_id))


@app.put("/staff/stock/{sku}/{store_id}", may="stock.write")
def set_levels(sku: str, store_id: str, edit: LevelsEdit) -> StockLevel:
    return StockLevel.of(actions.set_levels(sku, store_id, edit, by=caller()))


@app.get("/staff/stock/{sku}/{store_id}/entries", may="stock.read")
def list_entries(sku: str, store_id: str, limit: Limit = 20, cursor: Cursor = None) -> Page[StockEntry]:
    """The ledger from its first entry on: every change of what is on hand, with its cause."""
    caller().need_store(store_id)
    return paged(
        lambda position: store.ledger(sku, store_id, limit, position), cursor, of=f"entries of {sku} in {store_id}"
    )


@app.get("/staff/stock/{sku}/{store_id}/orders", may="stock.read")
def list_holders(sku: str, store_id: str, limit: Limit = 20, cursor: Cursor = None) -> Page[Holder]:
    """Which orders hold what is reserved. A page may hold fewer than asked, or none, and another come after it."""
    caller().need_store(store_id)
    store.get(sku, store_id)
    return paged(
        lambda position: orders.holding(sku, store_id, limit, position), cursor, of=f"holders of {sku} in {store_id}"
    )
