"""The keys of both sides and what each does with them: https://pay.weixin.qq.com/doc/v3/merchant/4012365342."""

from base64 import b64encode
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.local.rsa_pair import pair

MCHID, APPID, SERIAL = "1900000001", "wxd678efh567hg6787", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
PUBLIC_KEY_ID, CERTIFICATE = "PUB_KEY_ID_0119000000012026112200000000000000", "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C"
API_V3_KEY = "souk-souk-souk-souk-souk-souk-01"


def secret(notify_url: str, *, live: bool = False) -> dict[str, Any]:
    """What the merchant keeps in its vault."""
    return {
        "mchid": MCHID,
        "appid": APPID,
        "serial_no": SERIAL,
        "private_key": pair("merchant").private_pem,
        "api_v3_keys": [API_V3_KEY],
        "notify_url": notify_url,
        "public_keys": {PUBLIC_KEY_ID: pair("platform").public_pem},
        "live": live,
    }


def lines(*parts: str | bytes) -> bytes:
    return b"".join((part.encode() if isinstance(part, str) else part) + b"\n" for part in parts)


def sealed(text: bytes, nonce: str, about: str, key: str = API_V3_KEY) -> str:
    return b64encode(AESGCM(key.encode()).encrypt(nonce.encode(), text, about.encode())).decode()
