"""Inboxes: a buyer's own, and for staff their store's or head office's."""

from typing import Annotated

from souk.domains.access.model.rights import SHOP
from souk.domains.messaging import actions, store
from souk.domains.messaging.model import Message, Unread, inbox_of_staff
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()
StoreId = Annotated[Id | None, Query(description="Without it: the only store's, or head office's")]


@app.get("/me/messages", may=SHOP)
def list_mine(limit: Limit = 20, cursor: Cursor = None) -> Page[Message]:
    return _page(caller().id, limit, cursor)


@app.get("/me/messages/unread", may=SHOP)
def count_mine() -> Unread:
    return Unread(unread=store.unread_count(caller().id))


@app.post("/me/messages/read", may=SHOP)
def mark_all_mine() -> Unread:
    return actions.mark_all_own_read(caller().id)


@app.post("/me/messages/{message_id}/read", may=SHOP)
def mark_mine(message_id: str) -> Message:
    return actions.mark_own_read(caller().id, message_id)


@app.get("/staff/messages", may="messages.read")
def list_staffs(store_id: StoreId = None, limit: Limit = 20, cursor: Cursor = None) -> Page[Message]:
    return _page(inbox_of_staff(caller(), store_id), limit, cursor)


@app.get("/staff/messages/unread", may="messages.read")
def count_staffs(store_id: StoreId = None) -> Unread:
    return Unread(unread=store.unread_count(inbox_of_staff(caller(), store_id)))


@app.post("/staff/messages/read", may="messages.read")
def mark_all_staffs(store_id: StoreId = None) -> Unread:
    return actions.mark_all_read(inbox_of_staff(caller(), store_id))


@app.post("/staff/messages/{message_id}/read", may="messages.read")
def mark_staffs(message_id: str, store_id: StoreId = None) -> Message:
    return actions.mark_read(inbox_of_staff(caller(), store_id), message_id)


def _page(inbox: str, limit: int, cursor: str | None) -> Page[Message]:
    return paged(lambda position: store.of_inbox(inbox, limit, position), cursor, of=f"messages of {inbox}")
