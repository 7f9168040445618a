"""The delivery log: how each message went out, and another try of one that did not."""

from typing import Annotated

from souk.domains.messaging import actions, store
from souk.domains.messaging.model import Delivery, DeliveryStatus
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.kernel import clock
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/staff/deliveries", may="messages.read")
def list_awaited(
    status: Annotated[DeliveryStatus | None, Query()] = None, limit: Limit = 20, cursor: Cursor = None
) -> Page[Delivery]:
    """What has not gone out, or may not have, the oldest first; a page may hold fewer than asked."""
    page = paged(lambda position: store.deliveries_awaited(limit, position, caller()), cursor, of="awaited deliveries")
    return _shown(page, status)


@app.get("/staff/deliveries/{subject}", may="messages.read")
def list_about(subject: str, limit: Limit = 20, cursor: Cursor = None) -> Page[Delivery]:
    """All messages about an order, or about a SKU that ran low, on every channel."""
    of = f"deliveries about {subject}"
    return _shown(paged(lambda position: store.deliveries_about(subject, limit, position, caller()), cursor, of=of))


@app.post("/staff/deliveries/{subject}/{message_id}/{channel}/again", may="messages.send")
def send_again(subject: str, message_id: str, channel: str) -> Delivery:
    """One that failed, or of which nobody knows."""
    return actions.send_again(subject, message_id, channel, by=caller())


def _shown(page: Page[Delivery], status: str | None = None) -> Page[Delivery]:
    seen = [delivery.seen(clock.now()) for delivery in page.items]
    return Page(items=[one for one in seen if status in (None, one.status)], next_cursor=page.next_cursor)
