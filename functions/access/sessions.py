"""Sessions: sign up, sign in, refresh, sign out, and a guest's token."""

from http import HTTPStatus

from souk.domains.access.actions import sessions
from souk.domains.access.model.callers import GuestSession, Refresh, Session, SignIn, SignUp
from souk.domains.access.model.rights import SIGN_OUT
from souk.edge.caller import caller
from souk.edge.http import http_api

app, handler = http_api()


@app.post("/access/sign-up", public=True, status=HTTPStatus.CREATED)
def sign_up(wanted: SignUp) -> Session:
    return sessions.sign_up(wanted)


@app.post("/access/sign-in", public=True)
def sign_in(given: SignIn) -> Session:
    return sessions.sign_in(given)


@app.post("/access/refresh", public=True)
def refresh(given: Refresh) -> Session:
    return sessions.refresh(given)


@app.post("/access/guest", public=True, status=HTTPStatus.CREATED)
def open_guest() -> GuestSession:
    return sessions.open_guest()


@app.post("/access/sign-out", may=SIGN_OUT, status=HTTPStatus.NO_CONTENT)
def sign_out() -> None:
    sessions.sign_out(caller())
