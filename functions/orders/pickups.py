"""Orders that their buyers fetch: laid out, handed out for the buyer's code, and another code where that is locked."""

from souk.domains.orders.model.pickup import HandOut, Pickup
from souk.domains.orders.model.staff_view import OrderView
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import pickup

app, handler = http_api()


@app.get("/staff/pickups/{order_id}", may="orders.read")
def read(order_id: str) -> Pickup:
    """Until when the goods wait, and how many tries the code has left."""
    return pickup.read(order_id, by=caller())


@app.post("/staff/pickups/{order_id}/ready", may="orders.pick")
def lay_out(order_id: str) -> OrderView:
    """The buyer is told, and finds the code in the order."""
    return OrderView.of(pickup.lay_out(order_id, by=caller()))


@app.post("/staff/pickups/{order_id}/hand-out", may="orders.ship")
def hand_out(order_id: str, handed: HandOut) -> OrderView:
    return OrderView.of(pickup.hand_out(order_id, handed, by=caller()))


@app.post("/staff/pickups/{order_id}/code", may="orders.assist")
def issue_code(order_id: str) -> Pickup:
    """Another code in the place of the one before."""
    return pickup.issue_code(order_id, by=caller())
