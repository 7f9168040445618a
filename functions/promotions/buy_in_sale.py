"""Buying in a flash sale: what so many units would cost, and the order."""

from http import HTTPStatus

from souk.domains.access.model.rights import SHOP
from souk.domains.orders.model.buyer_view import BuyerOrderView
from souk.domains.orders.model.quote import Quote
from souk.domains.orders.model.quote_requests import SaleQuoteRequest
from souk.domains.orders.model.requests import idempotency_key
from souk.domains.orders.model.sale_requests import SaleCheckout
from souk.domains.payments.model.start import PaymentStart
from souk.edge.caller import caller
from souk.edge.http import IdempotencyKey, http_api
from souk.flows import sale_checkout
from souk.kernel.shapes import Noun

app, handler = http_api()


class PlacedSaleOrder(Noun):
    """`payment` is null where nothing is left to pay, or where the provider did not answer: ask `/me/payments` then."""

    order: BuyerOrderView
    payment: PaymentStart | None


@app.post("/me/sales/{sale_id}/quotes", may=SHOP)
def quote(sale_id: str, request: SaleQuoteRequest) -> Quote:
    return sale_checkout.quote(sale_id, request)


@app.post("/me/sales/{sale_id}/orders", may=SHOP, status=HTTPStatus.CREATED)
def place_order(sale_id: str, request: SaleCheckout, key: IdempotencyKey = None) -> PlacedSaleOrder:
    placed = sale_checkout.place(sale_id, request, idempotency_key(key), by=caller())
    return PlacedSaleOrder(order=BuyerOrderView.of(placed.order), payment=placed.payment)
