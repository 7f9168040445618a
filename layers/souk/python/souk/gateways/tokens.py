"""The user pool's tokens: who they are of, and whether they are good."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.request import urlopen

import jwt

from souk.kernel import clock, settings
from souk.kernel.errors import Unauthenticated, Unavailable

LONGEST_LIFE_SECONDS = 86_400  # the longest that the user pool can be set to
LEEWAY_SECONDS = 30  # by which the user pool's clock may be ahead of ours
ASK_AGAIN = timedelta(minutes=1)  # however many tokens name a key that nobody knows
FETCH_SECONDS = 2.0
_LARGEST_KEY_SET = 64 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_SUBJECT = re.compile(r"[A-Za-z0-9-]{1,64}")


class Bearer(NamedTuple):
    """`issued_at` is cut to the second."""

    subject: str
    issued_at: datetime


@dataclass
class _KeySet:
    asked_at: datetime | None = None
    keys: Mapping[str | None, jwt.PyJWK] = field(default_factory=dict)


_held = _KeySet()


def verify(token: str) -> Bearer:
    """Whose id token it is; Unauthenticated unless it is signed by our pool, for our client, and of now.

    The times are looked at here and not by PyJWT, which takes `exp` as a text and any distance of it.
    """
    if not _TOKEN.fullmatch(token):  # PyJWT's decoder passes over what is no letter of its alphabet
        raise Unauthenticated()
    try:
        key = _key(jwt.get_unverified_header(token).get("kid"))
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=settings.user_pool_client_id(),
            issuer=_issuer(),
            options={
                "require": ["exp", "iat", "sub"],
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError):
        raise Unauthenticated() from None
    if claims.get("token_use") != "id" or not _SUBJECT.fullmatch(claims["sub"]) or not _of_now(claims):
        raise Unauthenticated()
    return Bearer(claims["sub"], datetime.fromtimestamp(claims["iat"], UTC))


def forget() -> None:
    """Asks for the keys anew at the next use."""
    global _held
    _held = _KeySet()


def _of_now(claims: Mapping[str, Any]) -> bool:
    times = (claims["iat"], claims["exp"], claims.get("nbf", claims["iat"]))
    if not all(type(at) is int for at in times):
        return False
    issued, expires, not_before = map(int, times)
    begun = max(issued, not_before) - LEEWAY_SECONDS <= clock.now().timestamp() < expires
    return begun and issued < expires <= issued + LONGEST_LIFE_SECONDS


def _key(kid: str | None) -> jwt.PyJWK:
    if kid not in _held.keys:
        now = clock.now()
        if _held.keys and _held.asked_at and now - _held.asked_at < ASK_AGAIN:
            raise Unauthenticated()
        _held.asked_at = now
        _held.keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(fetch()).keys}
    if kid not in _held.keys:
        raise Unauthenticated()
    return _held.keys[kid]


def _issuer() -> str:
    return f"https://cognito-idp.{settings.region()}.amazonaws.com/{settings.user_pool_id()}"


def _fetch() -> dict[str, Any]:
    """The pool's public keys (RFC 7517)."""
    endpoint = settings.identity_endpoint()
    pool = f"{endpoint}/{settings.user_pool_id()}" if endpoint else _issuer()
    try:
        with urlopen(f"{pool}/.well-known/jwks.json", timeout=FETCH_SECONDS) as answer:
            return json.loads(answer.read(_LARGEST_KEY_SET))  # type: ignore[no-any-return]
    except (OSError, ValueError) as error:
        raise Unavailable("The user pool's keys cannot be read") from error


fetch: Callable[[], dict[str, Any]] = _fetch
