"""Goods that buyers bring back to a store or send to it: received, inspected, and what is refused sent back."""

from http import HTTPStatus

from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.inspection import Inspection
from souk.domains.aftersales.model.returns import Arrival, StoreReturn
from souk.domains.aftersales.model.views import CaseView
from souk.domains.shipping.model import Tracking
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import refund, returns

app, handler = http_api()


@app.post("/staff/returns", may="returns.write", status=HTTPStatus.CREATED)
def take_back(brought: StoreReturn) -> CaseView:
    """What was paid for the units goes back by the way it came; the same `return_id` sent again is the same return."""
    return CaseView.of(refund.take_back(brought, by=caller()))


@app.post("/staff/returns/{case_id}/receive", may="returns.write")
def receive(case_id: str, arrival: Arrival) -> RefundCase:
    return returns.receive(case_id, arrival.store_id, by=caller())


@app.post("/staff/returns/{case_id}/inspect", may="returns.write")
def inspect(case_id: str, said: Inspection) -> RefundCase:
    """What the shop keeps is paid for, less what is deducted for damage; an exchange goes on if all units pass."""
    return returns.inspect(case_id, said, by=caller())


@app.post("/staff/returns/{case_id}/send-back", may="returns.write")
def send_back(case_id: str, tracking: Tracking) -> RefundCase:
    """What the inspection has refused goes back to the buyer."""
    return returns.send_back(case_id, tracking, by=caller())
