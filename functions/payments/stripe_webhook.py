"""Stripe's webhook."""

from functools import partial

from souk.domains.payments.model.views import Receipt
from souk.edge.http import http_api
from souk.edge.webhook import heard
from souk.flows import hear_provider

app, handler = http_api()


@app.post("/hooks/stripe", public=True)
def hear() -> Receipt:
    return Receipt(outcome=heard(app, partial(hear_provider.hear, "stripe")))
