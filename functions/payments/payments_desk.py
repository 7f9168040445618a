"""The payments desk: every movement of an order's money, a refund by goodwill, another try of one that failed."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.payments.model.file import PaymentFile
from souk.domains.payments.model.refund import Goodwill, Refund
from souk.domains.payments.store import movements as store
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.flows import refund
from souk.kernel.paying import RefundTo

app, handler = http_api()


@app.get("/staff/payments/{order_id}", may="payments.read")
def read(order_id: str) -> PaymentFile:
    return store.file(order_id, caller())


@app.post("/staff/payments/{order_id}/refunds", may="refunds.review", status=HTTPStatus.CREATED)
def give(order_id: str, wanted: Goodwill) -> Refund:
    """Any amount within what is left of the payment, though no goods come back for it."""
    return refund.give(order_id, wanted, by=caller())


@app.post("/staff/payments/{order_id}/refunds/{refund_id}/retry", may="refunds.review")
def retry_refund(order_id: str, refund_id: str, to: Annotated[RefundTo, Query()] = "source") -> Refund:
    """Whence it came, or to the buyer's balance."""
    return refund.retry(order_id, refund_id, to, by=caller())
