"""Hashes under a key of the shop's own: whoever has the table, but not the key, can neither make nor try them."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from souk.gateways import secrets
from souk.kernel import settings

_SEAL = 16


def digest(*parts: str) -> bytes:
    """HMAC-SHA256 (RFC 2104); the first part says what it is for."""
    key = str(secrets.read(settings.hash_secret())["key"]).encode()
    return hmac.new(key, "\x00".join(parts).encode(), sha256).digest()


def sealed(purpose: str, text: str) -> str:
    """What whoever holds it can read, and bring back, but not make."""
    return urlsafe_b64encode(digest(purpose, text)[:_SEAL] + text.encode()).decode().rstrip("=")


def opened(purpose: str, given: str) -> str | None:
    """The text that was sealed; None where the shop has not sealed it, or for something else."""
    try:
        text = urlsafe_b64decode(given + "=" * (-len(given) % 4))[_SEAL:].decode()
    except ValueError:
        return None
    # The whole and not the bytes it spells: the decoder passes over what is no letter of its alphabet.
    return text if hmac.compare_digest(given, sealed(purpose, text)) else None
