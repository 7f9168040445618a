"""The keys of both sides and what each does with them: https://pay.weixin.qq.com/doc/v3/merchant/4012365342."""

from base64 import b64decode, b64encode
from functools import cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

MCHID, APPID, SERIAL = "1900000001", "wxd678efh567hg6787", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000000012026112200000000000000"
API_V3_KEY = "souk-souk-souk-souk-souk-souk-01"


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
    """The merchant's or the platform's; made when it is first asked for, and forgotten with the process."""
    return Pair(rsa.generate_private_key(65537, 2048))


def secret(notify_url: str, *, live: bool = False) -> dict[str, Any]:
    """What the merchant keeps in its vault."""
    return {
        "mchid": MCHID,
        "appid": APPID,
        "serial_no": SERIAL,
        "private_key": pair("merchant").private_pem,
        "api_v3_key": API_V3_KEY,
        "notify_url": notify_url,
        "public_keys": {PUBLIC_KEY_ID: pair("platform").public_pem},
        "live": live,
    }


def lines(*parts: str | bytes) -> bytes:
    return b"".join((part.encode() if isinstance(part, str) else part) + b"\n" for part in parts)


def sealed(text: bytes, nonce: str, about: str, key: str = API_V3_KEY) -> str:
    return b64encode(AESGCM(key.encode()).encrypt(nonce.encode(), text, about.encode())).decode()
