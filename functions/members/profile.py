"""A member's profile: read it, edit it, prove a new e-mail address or telephone, see what was changed."""

from http import HTTPStatus

from souk.domains.access.model.rights import PROFILE
from souk.domains.members.actions import profile
from souk.domains.members.model.profile import (
    CodeSent,
    ContactChange,
    NewEmail,
    NewPhone,
    ProfileEdit,
    ProfileView,
    Proof,
)
from souk.domains.members.store.profile import changes
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.edge.language import AcceptLanguage, spoken
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import contact_change
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/me/profile", may=PROFILE)
def read() -> ProfileView:
    return contact_change.view(caller())


@app.patch("/me/profile", may=PROFILE)
def edit(wanted: ProfileEdit) -> ProfileView:
    profile.edit(wanted, by=caller())
    return contact_change.view(caller())


@app.get("/me/profile/history", may=PROFILE)
def read_history(limit: Limit = 20, cursor: Cursor = None) -> Page[ContactChange]:
    """Changes of e-mail address and telephone, newest first."""
    return paged(lambda position: changes(caller().id, limit, position), cursor, of="my contact")


@app.put("/me/profile/email", may=PROFILE, status=HTTPStatus.ACCEPTED)
def ask_email(wanted: NewEmail, accept_language: AcceptLanguage = None) -> CodeSent:
    """Sends a code to the new address; the present one counts until it is confirmed."""
    return contact_change.ask("email", wanted.email, spoken(accept_language), by=caller())


@app.post("/me/profile/email/confirm", may=PROFILE)
def confirm_email(proof: Proof) -> ProfileView:
    """From now on the member signs in by the new address."""
    return contact_change.confirm("email", proof.code, by=caller())


@app.put("/me/profile/phone", may=PROFILE, status=HTTPStatus.ACCEPTED)
def ask_phone(wanted: NewPhone, accept_language: AcceptLanguage = None) -> CodeSent:
    """Sends a code to the new number."""
    return contact_change.ask("phone", wanted.phone, spoken(accept_language), by=caller())


@app.post("/me/profile/phone/confirm", may=PROFILE)
def confirm_phone(proof: Proof) -> ProfileView:
    return contact_change.confirm("phone", proof.code, by=caller())
