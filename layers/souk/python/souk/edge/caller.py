"""Who is calling, as the authorizer wrote it into the request."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from souk.kernel.caller import Caller
from souk.kernel.errors import Unauthenticated

_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
_address: ContextVar[str] = ContextVar("address", default="")


def caller() -> Caller:
    """The caller of the request that is being answered."""
    who = _caller.get()
    if who is None:
        raise Unauthenticated()
    return who


def known() -> Caller | None:
    """The same, where nobody needs to be known."""
    return _caller.get()


def header(event: Mapping[str, Any], name: str) -> str | None:
    """Names of headers know no case."""
    return headers(event).get(name)


def headers(event: Mapping[str, Any]) -> dict[str, str]:
    """All of them, by their names in lower case."""
    return {key.lower(): value for key, value in (event.get("headers") or {}).items() if value is not None}


def address() -> str:
    """The IP address that the request came from, as the gateway saw it; whoever calls, known or not."""
    return _address.get()


def meet(event: Mapping[str, Any]) -> Caller | None:
    """Reads the caller from a proxy event; None where nobody signed in (public routes)."""
    context = event.get("requestContext") or {}
    _address.set((context.get("identity") or {}).get("sourceIp") or "")
    written = (context.get("authorizer") or {}).get("caller")
    who = None
    if written:
        said = json.loads(written)
        who = Caller(
            id=said["id"],
            kind=said["kind"],
            may=frozenset(said["may"]),
            stores=frozenset(said["stores"]),
            merchant_id=said.get("merchant_id"),
            ip=_address.get(),
        )
    _caller.set(who)
    return who


def written(who: Caller) -> str:
    """What `meet` reads: a context value of an authorizer is a string."""
    said = {"id": who.id, "kind": who.kind, "may": sorted(who.may), "stores": sorted(who.stores)}
    return json.dumps(said | ({"merchant_id": who.merchant_id} if who.merchant_id else {}), separators=(",", ":"))
