"""The order desk: what waits, one order, and the moves that staff make."""

from functools import partial
from typing import Annotated

from souk.domains.orders.model.by_staff import Cancellation, Dated
from souk.domains.orders.model.cards import OrderCard, Status
from souk.domains.orders.model.staff_view import OrderView
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders as store
from souk.domains.stores.store.settings import at_hand
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import cancel_order, order_lifecycle
from souk.kernel import clock
from souk.kernel.page import Page
from souk.kernel.shapes import FIRST_DAY, LAST_DAY, Date, Id, Month

app, handler = http_api()
InMonth = Annotated[Month | None, Query(description="As 2026-11, UTC; this month by default")]
OnDay = Annotated[Date | None, Query(ge=FIRST_DAY, le=LAST_DAY, description="By the shop's calendar, and no month")]
PhoneTail = Annotated[
    str | None, Query(pattern="^[0-9]{4}$", description="The last four digits of the telephone number")
]


@app.get("/staff/orders", may="orders.read")
def list_orders(
    month: InMonth = None,
    day: OnDay = None,
    status: Annotated[Status | None, Query()] = None,
    store_id: Annotated[Id | None, Query()] = None,
    phone_tail: PhoneTail = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[OrderCard]:
    """Orders of a month or a day, newest first."""
    if store_id:
        caller().need_store(store_id)
    wanted = order_lists.OrderFilter(status, store_id, phone_tail)
    if day:
        begins, ends = at_hand().settings.day(day)
        look = partial(order_lists.placed_within, begins, ends, wanted, caller(), limit)
    else:
        month = month or clock.now().strftime("%Y-%m")
        look = partial(order_lists.of_month, month, wanted, caller(), limit)
    return paged(look, cursor, of=f"orders {day or month} {status} {store_id} {phone_tail}")


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
    return OrderView.of(cancel_order.cancel(order_id, cancel_order.Ending(**dict(cancellation), by=caller())))


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
