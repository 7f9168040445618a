"""How orders are handled before they leave: reviewed, set right, given to other stores, split, merged, and followed."""

from http import HTTPStatus

from souk.domains.orders.model.by_staff import Cancellation
from souk.domains.orders.model.cards import ParkedOrder
from souk.domains.orders.model.correction_requests import AddressCorrection, BuyerQuestion
from souk.domains.orders.model.handling import Assignment, Declining, Timeline
from souk.domains.orders.model.regrouping import Merging, Splitting
from souk.domains.orders.model.staff_view import OrderView
from souk.domains.orders.store import lists as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import correct_order, hand_over, regroup_orders, review_order
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/staff/handling/parked", may="orders.read")
def list_parked(limit: Limit = 20, cursor: Cursor = None) -> Page[ParkedOrder]:
    """Orders whose workflow gave up, the longest parked first; `redrive` starts it again."""
    return paged(lambda position: store.parked(caller(), limit, position), cursor, of="parked orders")


@app.get("/staff/handling/{order_id}", may="orders.read")
def read_timeline(order_id: str) -> Timeline:
    return hand_over.timeline(order_id, by=caller())


@app.post("/staff/handling/{order_id}/approve", may="orders.review")
def approve(order_id: str) -> OrderView:
    """An order that is held for review goes on its ordinary way."""
    return OrderView.of(review_order.approve(order_id, by=caller()))


@app.post("/staff/handling/{order_id}/reject", may="orders.review")
def reject(order_id: str, cancellation: Cancellation) -> OrderView:
    """It ends, and what was paid goes back."""
    return OrderView.of(review_order.reject(order_id, **dict(cancellation), by=caller()))


@app.post("/staff/handling/{order_id}/correct", may="orders.assist")
def correct(order_id: str, correction: AddressCorrection) -> OrderView:
    """Another address or contact while nothing has left; the buyer is told."""
    return OrderView.of(correct_order.correct(order_id, correction, by=caller()))


@app.post("/staff/handling/{order_id}/ask", may="orders.assist", status=HTTPStatus.NO_CONTENT)
def ask_buyer(order_id: str, question: BuyerQuestion) -> None:
    """Into the buyer's inbox."""
    correct_order.ask_buyer(order_id, question.text, by=caller())


@app.post("/staff/handling/{order_id}/decline", may="orders.confirm", status=HTTPStatus.NO_CONTENT)
def decline(order_id: str, declining: Declining) -> None:
    """It goes to the next store that can serve it, out of sight of this one."""
    hand_over.decline(order_id, declining, by=caller())


@app.post("/staff/handling/{order_id}/assign", may="orders.assign")
def assign(order_id: str, assignment: Assignment) -> OrderView:
    return OrderView.of(hand_over.assign(order_id, assignment, by=caller()))


@app.post("/staff/handling/{order_id}/split", may="orders.assign")
def split(order_id: str, splitting: Splitting) -> OrderView:
    """What no part names stays where it is, as one more. The answer is the order that was split."""
    return OrderView.of(regroup_orders.split(order_id, splitting, by=caller()))


@app.post("/staff/handling/merge", may="orders.assign")
def merge(merging: Merging) -> OrderView:
    """Unsent orders of one buyer that one store sends to one address. The answer is the order in their place."""
    return OrderView.of(regroup_orders.merge(merging, by=caller()))
