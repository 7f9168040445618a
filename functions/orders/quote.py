"""Quotes: what it would cost, from which store, and why."""

from souk.domains.access.model.rights import SHOP
from souk.domains.orders.model.quote import Quote, QuoteLine
from souk.domains.orders.model.quote_requests import QuoteRequest
from souk.edge.http import http_api
from souk.flows import checkout, paying, shown_prices
from souk.kernel.paying import PaymentMethod
from souk.kernel.shapes import ShownPrice

app, handler = http_api()


class QuotedLine(QuoteLine):
    """`merchant_name` is who sells it: none where it is the retailer."""

    merchant_name: str | None = None


class QuoteAnswer(Quote):
    """The quote with who sells each line, the stores that were asked for it, in order, what was found there, and how
    it can be paid.

    `shown` is the total in the currency that was asked for, converted once.
    """

    lines: tuple[QuotedLine, ...]
    explanation: list[str]
    payment_methods: list[PaymentMethod]
    shown: ShownPrice | None = None


@app.post("/me/quotes", may=SHOP)
def quote(request: QuoteRequest) -> QuoteAnswer:
    quoted, explanation, sellers = checkout.quote(request)
    methods = paying.methods(quoted.total_minor, quoted.charged_in, request.device)
    shown = shown_prices.price(quoted.total_minor, quoted.currency, request.shown_currency)
    lines = [QuotedLine(**dict(line), merchant_name=sellers.get(line.merchant_id or "")) for line in quoted.lines]
    said = dict(quoted) | {"lines": lines}
    return QuoteAnswer(**said, explanation=explanation, payment_methods=methods, shown=shown)
