"""Mandates: which kept methods of payment a member lets the shop charge without asking each time."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE
from souk.domains.payments.actions import mandates
from souk.domains.payments.model.mandate import MandateDraft, MandateToday, MandateView
from souk.domains.payments.store import mandates as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import payment_mandate
from souk.kernel.page import Page

app, handler = http_api()


@app.post("/me/payment-mandates", may=PROFILE, status=HTTPStatus.CREATED)
def agree(draft: MandateDraft) -> MandateView:
    """Takes the place of what was agreed to for that method before; told to the member."""
    return payment_mandate.agree(draft, by=caller())


@app.get("/me/payment-mandates", may=PROFILE)
def list_mandates(limit: Limit = 20, cursor: Cursor = None) -> Page[MandateView]:
    """Newest first, those that were revoked too."""
    return paged(lambda position: store.mandates(caller().id, limit, position), cursor, of="my mandates")


@app.get("/me/payment-mandates/{mandate_id}", may=PROFILE)
def read(mandate_id: str) -> MandateToday:
    return payment_mandate.read(mandate_id, by=caller())


@app.delete("/me/payment-mandates/{mandate_id}", may=PROFILE, status=HTTPStatus.NO_CONTENT)
def revoke(mandate_id: str) -> None:
    """Nothing is charged by it from now on."""
    mandates.revoke(mandate_id, by=caller())
