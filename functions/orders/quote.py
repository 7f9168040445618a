"""Quotes: what it would cost, from which store, and why."""

from souk.domains.access.model import SHOP
from souk.domains.orders.model.quote import Quote
from souk.domains.orders.model.requests import QuoteRequest
from souk.edge.http import http_api
from souk.flows import checkout

app, handler = http_api()


class QuoteAnswer(Quote):
    """The quote with the stores that were asked for it, in order, and what was found there."""

    explanation: list[str]


@app.post("/me/quotes", may=SHOP)
def quote(request: QuoteRequest) -> QuoteAnswer:
    quoted, allocation = checkout.quote(request)
    return QuoteAnswer(**dict(quoted), explanation=allocation.explanation)
