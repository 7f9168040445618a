"""The methods of payment that a member keeps with the shop's provider."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE
from souk.domains.payments.actions import kept
from souk.domains.payments.model.kept import KeptMethodView, SetupStart
from souk.domains.payments.store import kept as store
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/me/payment-methods", may=PROFILE)
def list_methods() -> Page[KeptMethodView]:
    return Page(items=store.methods_of(caller().id).all())


@app.post("/me/payment-methods", may=PROFILE, status=HTTPStatus.CREATED)
def begin() -> SetupStart:
    """What is entered goes from the browser to the provider; asked again it is the same until a method is kept."""
    return kept.begin(by=caller())


@app.post("/me/payment-methods/return", may=PROFILE)
def come_back() -> Page[KeptMethodView]:
    """The browser is done: asks the provider now, whether or not its webhook has come."""
    return Page(items=kept.refresh(caller().id).all())


@app.post("/me/payment-methods/{method_id}/default", may=PROFILE)
def set_default(method_id: str) -> KeptMethodView:
    return kept.set_default(method_id, by=caller()).view(method_id)


@app.delete("/me/payment-methods/{method_id}", may=PROFILE, status=HTTPStatus.NO_CONTENT)
def remove(method_id: str) -> None:
    """Its mandate is revoked with it."""
    kept.remove(method_id, by=caller())
