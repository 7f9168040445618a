"""Signatures as Chinese payment providers have them: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), in base64."""

import binascii
from base64 import b64decode, b64encode
from functools import cache
from typing import Any


def sign(message: bytes, private_key: str) -> str:
    """`private_key` in PEM, PKCS #8."""
    key, padding, digest = _private(private_key), *_scheme()
    return b64encode(key.sign(message, padding, digest)).decode()


def verifies(signature: str, message: bytes, public_key: str) -> bool:
    """Whether the holder of the key has signed this; `public_key` in PEM."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public(public_key).verify(b64decode(signature, validate=True), message, *_scheme())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _scheme() -> tuple[Any, Any]:
    """Imported at first use: a cold start that does not pay this way does not wait for it."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    return PKCS1v15(), SHA256()


@cache
def _private(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem.encode(), None)


@cache
def _public(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    return load_pem_public_key(pem.encode())
