"""How stores handle their orders: decline one, give one to another, split and merge them, see how long it took."""

from http import HTTPStatus

from souk.domains.orders.model.handling import Assignment, Declining, Timeline
from souk.domains.orders.model.regrouping import Merging, Splitting
from souk.domains.orders.model.requests import OrderView
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import hand_over, regroup_orders

app, handler = http_api()


@app.get("/staff/handling/{order_id}", may="orders.read")
def read_timeline(order_id: str) -> Timeline:
    return hand_over.timeline(order_id, by=caller())


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
