"""Hashes under a key of the shop's own: whoever has the table, but not the key, can neither make nor try them."""

import hmac
from hashlib import sha256

from souk.gateways import secrets
from souk.kernel import settings


def digest(*parts: str) -> bytes:
    """HMAC-SHA256 (RFC 2104); the first part says what it is for."""
    key = str(secrets.read(settings.hash_secret())["key"]).encode()
    return hmac.new(key, "\x00".join(parts).encode(), sha256).digest()
