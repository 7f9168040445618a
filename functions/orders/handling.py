"""How stores handle their orders: decline one, give one to another store, see how long each step took."""

from http import HTTPStatus

from souk.domains.orders.model.handling import Assignment, Declining, Timeline
from souk.domains.orders.model.requests import OrderView
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import hand_over

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
