"""A buyer's orders: list them, follow one, cancel it, say that it has arrived."""

from souk.domains.access.model.rights import SHOP
from souk.domains.orders.model.buyer_view import BuyerOrderView
from souk.domains.orders.model.by_staff import Cancellation
from souk.domains.orders.model.cards import OrderCard
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import cancel_order, order_lifecycle, pickup
from souk.kernel import clock
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/me/orders", may=SHOP)
def list_orders(limit: Limit = 20, cursor: Cursor = None) -> Page[OrderCard]:
    return paged(lambda position: order_lists.of_buyer(caller().id, limit, position), cursor, of="my orders")


@app.get("/me/orders/{order_id}", may=SHOP)
def read(order_id: str) -> BuyerOrderView:
    return pickup.shown_to_buyer(store.for_buyer(order_id, caller()))


@app.get("/me/orders/by-number/{number}", may=SHOP)
def read_by_number(number: str) -> BuyerOrderView:
    return pickup.shown_to_buyer(store.for_buyer(order_lists.id_of_number(number), caller()))


@app.post("/me/orders/{order_id}/cancel", may=SHOP)
def cancel(order_id: str, cancellation: Cancellation) -> BuyerOrderView:
    store.for_buyer(order_id, caller())
    return BuyerOrderView.of(cancel_order.cancel(order_id, cancel_order.Ending(**dict(cancellation), by=caller())))


@app.post("/me/orders/{order_id}/received", may=SHOP)
def received(order_id: str) -> BuyerOrderView:
    order = store.for_buyer(order_id, caller())
    return BuyerOrderView.of(order_lifecycle.receive(order, at=clock.now(), by=caller().id))
