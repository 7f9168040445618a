"""Sessions: a guest's, and those of members and staff, who sign in with e-mail and password."""

from souk.domains.access import store
from souk.domains.access.model.callers import (
    GUEST_LIFE,
    CallerRecord,
    EmailTaken,
    GuestSession,
    Refresh,
    Session,
    SignIn,
    SignUp,
    guest_id,
)
from souk.gateways import identity
from souk.kernel import clock, ids
from souk.kernel.caller import GUEST_PREFIX, Caller
from souk.kernel.errors import Missing
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit


def open_guest() -> GuestSession:
    token, expires_at = GUEST_PREFIX + ids.secret(), clock.now() + GUEST_LIFE
    guest = CallerRecord(caller_id=guest_id(token), kind="guest", expires_at=expires_at)
    with Unit() as unit:
        unit.save(keys.CALLER, guest)
    return GuestSession(token=token, expires_at=expires_at)


def sign_up(wanted: SignUp) -> Session:
    """A member and the first session. What broke off half way is finished by asking again.

    The caller's row decides to whom an unfinished user belongs, so it is written before the password is set:
    nobody can sign up into the account of staff that is just being made.
    """
    user = identity.create_user(wanted.email, wanted.password)
    if user.confirmed:
        raise EmailTaken()
    found = store.find(user.id)
    if found is None:
        with Unit() as unit:
            member = CallerRecord(caller_id=user.id, kind="member", email=wanted.email, name=wanted.name)
            unit.save(keys.CALLER, member, otherwise=EmailTaken())
    elif found.kind != "member":
        raise EmailTaken()
    identity.set_password(wanted.email, wanted.password)
    return sign_in(SignIn(email=wanted.email, password=wanted.password))


def sign_in(given: SignIn) -> Session:
    return Session(**identity.sign_in(given.email, given.password)._asdict())


def refresh(given: Refresh) -> Session:
    return Session(**identity.refresh(given.refresh_token)._asdict())


def sign_out(by: Caller) -> None:
    """Voids every token of the caller, on all devices.

    The user pool first: while its refresh tokens are good, the caller's own token must be, to sign out again.
    """
    found = store.find(by.id)
    if found and found.email:
        identity.sign_out(by.id)
    again(lambda: _void_tokens(by.id))
    # A token tells its time to the second, so all of this second are void: the next session begins in the next.
    clock.pause(1 - clock.now().microsecond / 1_000_000)


def note_email(unit: Unit, caller_id: str, email: str) -> None:
    """What the user pool has changed to already."""
    found = store.find(caller_id)
    if found is None:
        raise Missing()
    unit.save(keys.CALLER, found.but(email=email))


def _void_tokens(caller_id: str) -> None:
    found = store.find(caller_id)
    if found:
        with Unit() as unit:
            unit.save(keys.CALLER, found.but(valid_after=clock.now()))
