"""How both sides sign: https://opendocs.alipay.com/common/02khjm."""

from collections.abc import Mapping
from typing import Any

from infra.local.rsa_pair import pair

APP_ID, SELLER_ID = "2021000117650001", "2088102146225135"


def secret(notify_url: str, *, live: bool = False) -> dict[str, Any]:
    """What the merchant keeps in its vault."""
    return {
        "app_id": APP_ID,
        "seller_id": SELLER_ID,
        "private_key": pair("merchant").private_pem,
        "notify_url": notify_url,
        "return_url": "https://shop.example.com/paid",
        "public_keys": [pair("alipay").public_pem],
        "live": live,
    }


def content(said: Mapping[str, str]) -> bytes:
    """Every parameter but the signature, by name."""
    return "&".join(f"{name}={said[name]}" for name in sorted(said) if name != "sign").encode()


def told(said: Mapping[str, str]) -> dict[str, str]:
    """A notice, which is signed without its scheme."""
    bare = {name: value for name, value in said.items() if name not in ("sign", "sign_type")}
    return bare | {"sign_type": "RSA2", "sign": pair("alipay").sign(content(bare))}
