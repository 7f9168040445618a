"""Checkout: an agreed quote becomes an order, its stock is reserved and its payment begins."""

from http import HTTPStatus

from souk.domains.access.model.rights import SHOP
from souk.domains.orders.model.buyer_view import BuyerOrderView
from souk.domains.orders.model.requests import Checkout, idempotency_key
from souk.domains.payments.model.start import PaymentStart
from souk.edge.caller import caller
from souk.edge.http import IdempotencyKey, http_api
from souk.flows import checkout
from souk.kernel.shapes import Noun

app, handler = http_api()


class PlacedOrder(Noun):
    """`payment` is null where the provider did not answer, or nothing is left to pay: ask for it at `/me/payments`."""

    order: BuyerOrderView
    payment: PaymentStart | None


@app.post("/me/checkout", may=SHOP, status=HTTPStatus.CREATED)
def place_order(request: Checkout, key: IdempotencyKey = None) -> PlacedOrder:
    placed = checkout.place(request, idempotency_key(key), by=caller())
    return PlacedOrder(order=BuyerOrderView.of(placed.order), payment=placed.payment)
