"""Pairs of keys for the fakes of providers that sign with RSA, as theirs and as the merchant's."""

from base64 import b64decode, b64encode
from functools import cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


class Pair(NamedTuple):
    private: rsa.RSAPrivateKey

    @property
    def private_pem(self) -> str:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def public_pem(self) -> str:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, message: bytes) -> str:
        return b64encode(self.private.sign(message, PKCS1v15(), SHA256())).decode()

    def has_signed(self, signature: str, message: bytes) -> bool:
        try:
            self.private.public_key().verify(b64decode(signature), message, PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True


@cache
def pair(name: str) -> Pair:
    """Of that name: made when it is first asked for, and forgotten with the process."""
    return Pair(rsa.generate_private_key(65537, 2048))
