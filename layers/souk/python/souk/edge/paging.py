"""Cursors: where a list goes on, sealed so that it is good for the same caller and the same list only."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from souk.edge import caller
from souk.gateways import secrets
from souk.kernel import settings
from souk.kernel.errors import Malformed
from souk.kernel.page import Page, T
from souk.kernel.shapes import Number

Limit = Annotated[Number, Query(ge=1, le=100, description="Items a page")]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before")]
_SEAL = 16


class ForeignCursor(Malformed):
    title = "The cursor is not one of this list"


def opened(cursor: str | None, of: str) -> str | None:
    """The position that `sealed` hid; `of` names the list with what it was filtered by."""
    if cursor is None:
        return None
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        position = raw[_SEAL:].decode()
    except ValueError:
        raise ForeignCursor() from None
    # The whole text and not the bytes it spells: the decoder passes over what is no letter of its alphabet.
    if not hmac.compare_digest(cursor, _sealed(position, of)):
        raise ForeignCursor()
    return position


def sealed(position: str | None, of: str) -> str | None:
    return None if position is None else _sealed(position, of)


def paged(ask: Callable[[str | None], tuple[Sequence[T], str | None]], cursor: str | None, of: str) -> Page[T]:
    """One page of `ask(position) -> (items, next position)`."""
    items, position = ask(opened(cursor, of))
    return Page(items=list(items), next_cursor=sealed(position, of))


def _sealed(position: str, of: str) -> str:
    return urlsafe_b64encode(_seal(position, of) + position.encode()).decode().rstrip("=")


def _seal(position: str, of: str) -> bytes:
    who = caller.known()
    whose = who.id if who else ""
    key = str(secrets.read(settings.cursor_secret())["key"]).encode()
    return hmac.new(key, "\x00".join((whose, of, position)).encode("utf-8", "surrogatepass"), sha256).digest()[:_SEAL]
