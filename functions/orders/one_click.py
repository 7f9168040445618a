"""One click: goods become a paid order by what their member has set."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE
from souk.domains.orders.model.buyer_view import BuyerOrderView
from souk.domains.orders.model.one_click import OneClickOrder, Standing
from souk.domains.orders.model.requests import idempotency_key
from souk.domains.payments.model.start import PaymentStart
from souk.edge.caller import caller
from souk.edge.http import IdempotencyKey, http_api
from souk.flows import one_click
from souk.kernel.shapes import Noun

app, handler = http_api()


class BoughtOrder(Noun):
    """Where it `requires_action` the buyer's device goes on with `payment`: by a `payment_method` that its `action`
    names, if the bank wants to ask its owner, else by any; and by another, where that was `declined`, for which
    `decline_code` is the bank's word. `awaiting` the provider, the same request may be sent again.
    """

    order: BuyerOrderView
    standing: Standing
    payment: PaymentStart | None
    decline_code: str | None


@app.post("/me/one-click-orders", may=PROFILE, status=HTTPStatus.CREATED)
def buy(wanted: OneClickOrder, key: IdempotencyKey = None) -> BoughtOrder:
    bought = one_click.buy(wanted, idempotency_key(key), by=caller())
    return BoughtOrder(**bought._asdict() | {"order": BuyerOrderView.of(bought.order)})
