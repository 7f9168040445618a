"""A member's address book."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE
from souk.domains.members.actions import addresses
from souk.domains.members.model.addresses import AddressDraft, SavedAddress
from souk.domains.members.store.addresses import book_of
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/me/addresses", may=PROFILE)
def list_addresses() -> Page[SavedAddress]:
    return Page(items=book_of(caller().id).all())


@app.post("/me/addresses", may=PROFILE, status=HTTPStatus.CREATED)
def add(draft: AddressDraft) -> SavedAddress:
    return addresses.add(draft, by=caller())


@app.get("/me/addresses/{address_id}", may=PROFILE)
def read(address_id: str) -> SavedAddress:
    return book_of(caller().id).get(address_id)


@app.put("/me/addresses/{address_id}", may=PROFILE)
def change(address_id: str, draft: AddressDraft) -> SavedAddress:
    return addresses.change(address_id, draft, by=caller())


@app.delete("/me/addresses/{address_id}", may=PROFILE, status=HTTPStatus.NO_CONTENT)
def remove(address_id: str) -> None:
    """Orders that went there keep it."""
    addresses.remove(address_id, by=caller())
