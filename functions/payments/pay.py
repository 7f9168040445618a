"""Paying: a buyer begins or repeats a payment, tops up a balance, comes back from the bank, asks how it stands."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE, SHOP
from souk.domains.orders.model.requests import idempotency_key
from souk.domains.payments.model.start import PaymentStart
from souk.domains.payments.model.views import PaymentMethods, PaymentView, PaymentWish, TopUpStart
from souk.domains.payments.model.wallet import TopUp
from souk.domains.payments.store import payments as store
from souk.edge.caller import caller
from souk.edge.http import IdempotencyKey, http_api
from souk.edge.watch import count
from souk.flows import paying, settle_payment, top_up
from souk.kernel.caller import system
from souk.kernel.paying import Device

app, handler = http_api()


@app.post("/me/payments", may=SHOP)
def start(wish: PaymentWish) -> PaymentStart:
    """The same again until it is paid; after a decline another card may be tried with it, or another method chosen."""
    return paying.start(wish, caller())


@app.post("/me/payments/top-ups", may=PROFILE, status=HTTPStatus.CREATED)
def begin_top_up(wanted: TopUp, key: IdempotencyKey = None) -> TopUpStart:
    """Goes on like the payment of an order, under the id of the top-up."""
    return top_up.begin(wanted, idempotency_key(key), by=caller())


@app.get("/me/payments/{order_id}", may=SHOP)
def read(order_id: str) -> PaymentView:
    return PaymentView.of(store.for_buyer(order_id, caller()))


@app.get("/me/payments/{order_id}/methods", may=SHOP)
def read_methods(order_id: str, device: Device = "desktop") -> PaymentMethods:
    return PaymentMethods(methods=paying.methods_of(order_id, device, caller()))


@app.post("/me/payments/{order_id}/return", may=SHOP)
def come_back(order_id: str) -> PaymentView:
    """The return page: asks the provider now, whether or not its webhook has come."""
    payment = store.for_buyer(order_id, caller())
    count(settle_payment.ask(payment, system("return_page").id))
    return PaymentView.of(store.of_order(order_id))
