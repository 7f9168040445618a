"""The payments desk: every movement of an order's money, and another try of a refund that failed."""

from souk.domains.payments import store
from souk.domains.payments.actions import refunds
from souk.domains.payments.model.refund import Refund
from souk.domains.payments.model.views import PaymentFile
from souk.edge.caller import caller
from souk.edge.http import http_api

app, handler = http_api()


@app.get("/staff/payments/{order_id}", may="payments.read")
def read(order_id: str) -> PaymentFile:
    return store.file(order_id, caller())


@app.post("/staff/payments/{order_id}/refunds/{refund_id}/retry", may="refunds.review")
def retry_refund(order_id: str, refund_id: str) -> Refund:
    payment = store.for_staff(order_id, caller())
    return refunds.retry(payment, refund_id)
