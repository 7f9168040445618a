"""Stores for staff: open one, read them, change one."""

from http import HTTPStatus

from souk.domains.stores import actions, store
from souk.domains.stores.model.store import Store, StoreDraft, StoreEdit
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.kernel.page import Page

app, handler = http_api()


@app.post("/staff/stores", may="stores.write", status=HTTPStatus.CREATED)
def open_store(draft: StoreDraft) -> Store:
    return actions.open_store(draft, by=caller())


@app.get("/staff/stores", may="stores.read")
def list_stores() -> Page[Store]:
    return Page(items=[one for one in store.everywhere() if caller().in_scope(one.store_id)])


@app.get("/staff/stores/{store_id}", may="stores.read")
def read(store_id: str) -> Store:
    caller().need_store(store_id)
    return store.get(store_id)


@app.put("/staff/stores/{store_id}", may="stores.write")
def change(store_id: str, edit: StoreEdit) -> Store:
    return actions.change_store(store_id, edit, by=caller())
