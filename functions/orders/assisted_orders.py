"""Orders that staff take for a buyer: on the telephone, at a fair, from another system's books."""

from http import HTTPStatus

from souk.domains.orders.model.by_staff import AssistedOrder
from souk.domains.orders.model.requests import idempotency_key
from souk.domains.orders.model.staff_view import OrderView
from souk.domains.payments.model.start import PaymentStart
from souk.edge.caller import caller
from souk.edge.http import IdempotencyKey, http_api
from souk.flows import checkout
from souk.kernel.shapes import Noun

app, handler = http_api()


class AssistedPlaced(Noun):
    order: OrderView
    payment: PaymentStart | None


@app.post("/staff/assisted-orders", may="orders.assist", status=HTTPStatus.CREATED)
def place_order(request: AssistedOrder, key: IdempotencyKey = None) -> AssistedPlaced:
    placed = checkout.place_assisted(request, idempotency_key(key), by=caller())
    return AssistedPlaced(order=OrderView.of(placed.order), payment=placed.payment)
