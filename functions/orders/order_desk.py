"""The order desk: what waits, one order, and the moves that staff make."""

from typing import Annotated

from souk.domains.orders.model.by_staff import Cancellation, Dated
from souk.domains.orders.model.cards import OrderCard, Status
from souk.domains.orders.model.staff_view import OrderView
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders as store
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import cancel_order, order_lifecycle
from souk.kernel import clock
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()
Month = Annotated[
    str | None, Query(pattern="^[0-9]{4}-(?:0[1-9]|1[0-2])$", description="2026-11; this month by default")
]
PhoneTail = Annotated[
    str | None, Query(pattern="^[0-9]{4}$", description="The last four digits of the telephone number")
]


@app.get("/staff/orders", may="orders.read")
def list_orders(
    month: Month = None,
    status: Annotated[Status | None, Query()] = None,
    store_id: Annotated[Id | None, Query()] = None,
    phone_tail: PhoneTail = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[OrderCard]:
    """Orders of a month, newest first."""
    if store_id:
        caller().need_store(store_id)
    wanted = month or clock.now().strftime("%Y-%m")
    return paged(
        lambda position: order_lists.of_month(
            wanted, caller(), limit, position, status=status, store_id=store_id, phone_tail=phone_tail
        ),
        cursor,
        of=f"orders {wanted} {status} {store_id} {phone_tail}",
    )


@app.get("/staff/orders/waiting/{store_id}/{status}", may="orders.read")
def list_waiting(store_id: str, status: Status, limit: Limit = 20, cursor: Cursor = None) -> Page[OrderCard]:
    """What stands in one status at a store, oldest first: the desk's pile."""
    caller().need_store(store_id)
    return paged(
        lambda position: order_lists.of_store(store_id, status, limit, position), cursor, of=f"desk {store_id} {status}"
    )


@app.get("/staff/orders/{order_id}", may="orders.read")
def read(order_id: str) -> OrderView:
    return OrderView.of(store.for_staff(order_id, caller()))


@app.get("/staff/orders/by-number/{number}", may="orders.read")
def read_by_number(number: str) -> OrderView:
    return OrderView.of(store.for_staff(order_lists.id_of_number(number), caller()))


@app.post("/staff/orders/{order_id}/confirm", may="orders.confirm")
def confirm(order_id: str) -> OrderView:
    return OrderView.of(order_lifecycle.confirm(store.for_staff(order_id, caller()), by=caller().id))


@app.post("/staff/orders/{order_id}/cancel", may="orders.cancel")
def cancel(order_id: str, cancellation: Cancellation) -> OrderView:
    store.for_staff(order_id, caller())
    return OrderView.of(cancel_order.cancel(order_id, **dict(cancellation), by=caller().id))


@app.post("/staff/orders/{order_id}/received", may="orders.complete")
def received(order_id: str, dated: Dated) -> OrderView:
    order = store.for_staff(order_id, caller())
    return OrderView.of(order_lifecycle.receive(order, at=dated.moment(caller()), by=caller().id))


@app.post("/staff/orders/{order_id}/complete", may="orders.complete")
def complete(order_id: str, dated: Dated) -> OrderView:
    order = store.for_staff(order_id, caller())
    return OrderView.of(order_lifecycle.complete(order, at=dated.moment(caller()), by=caller().id))


@app.post("/staff/orders/{order_id}/redrive", may="orders.redrive")
def redrive(order_id: str) -> OrderView:
    """Another workflow for an order whose own was lost or parked."""
    order = store.for_staff(order_id, caller())
    order_lifecycle.restart(order_id)
    return OrderView.of(order)
