"""Stores for staff: open one, read them, change one, set something for many of them."""

from http import HTTPStatus

from souk.domains.stores import actions
from souk.domains.stores.model.control import Push, Pushed
from souk.domains.stores.model.settings import StoreField
from souk.domains.stores.model.store import Store
from souk.domains.stores.model.store_edit import StoreEdit, StoreOpening
from souk.domains.stores.store import stores as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, opened, paged, sealed
from souk.flows import merchant_business
from souk.kernel.page import Page

app, handler = http_api()


@app.post("/staff/stores", may="stores.write", status=HTTPStatus.CREATED)
def open_store(draft: StoreOpening) -> Store:
    return merchant_business.open_store(draft, by=caller())


@app.get("/staff/stores", may="stores.read")
def list_stores(limit: Limit = 100, cursor: Cursor = None) -> Page[Store]:
    return paged(lambda position: store.of_caller(caller(), limit, position), cursor, of="stores")


@app.post("/staff/stores/push", may="stores.write")
def push(push: Push) -> Pushed:
    """Values for many stores; those that had set their own are told, with what became of it."""
    done, position = actions.push(push, opened(push.cursor, of="push"), by=caller())
    return done.but(next_cursor=sealed(position, of="push"))


@app.get("/staff/stores/{store_id}", may="stores.read")
def read(store_id: str) -> Store:
    caller().need_store(store_id)
    return store.get(store_id)


@app.put("/staff/stores/{store_id}", may="stores.write")
def change(store_id: str, edit: StoreEdit) -> Store:
    """A store's own staff set what the settings leave to them (`stores_may_set`)."""
    return actions.change_store(store_id, edit, by=caller())


@app.delete("/staff/stores/{store_id}/own/{field}", may="stores.write")
def go_back(store_id: str, field: StoreField) -> Store:
    """Head office's value of the field again, where the store had set its own."""
    return actions.go_back(store_id, field, by=caller())
