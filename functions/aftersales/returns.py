"""Goods that buyers bring back to a store, whichever store sold them."""

from http import HTTPStatus

from souk.domains.aftersales.model.case import CaseView
from souk.domains.aftersales.model.returns import StoreReturn
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import refund

app, handler = http_api()


@app.post("/staff/returns", may="returns.write", status=HTTPStatus.CREATED)
def take_back(brought: StoreReturn) -> CaseView:
    """What was paid for the units goes back by the way it came; the same `return_id` sent again is the same return."""
    return CaseView.of(refund.take_back(brought, by=caller()))
