"""Recognising who calls."""

from souk.domains.access import store
from souk.domains.access.model.callers import guest_id
from souk.gateways import tokens
from souk.kernel import clock
from souk.kernel.caller import GUEST_PREFIX, Caller
from souk.kernel.errors import Unauthenticated


def recognise(authorization: str) -> Caller:
    """The caller of an `Authorization` header: a guest's token or one of the user pool (RFC 6750)."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated()
    if token.startswith(GUEST_PREFIX):
        record, issued_at = store.find(guest_id(token)), None
    else:
        bearer = tokens.verify(token)
        record, issued_at = store.find(bearer.subject), bearer.issued_at
    if record is None or not record.admits(issued_at, clock.now()):
        raise Unauthenticated()
    return record.caller()
