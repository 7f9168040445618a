"""The payment providers by their names, each a room of its own that knows how its provider is spoken to."""

from collections.abc import Mapping

from souk.gateways import alipay, bank, stripe, wechat_pay
from souk.gateways.providers import Provider
from souk.kernel.paying import BANK

PROVIDERS: Mapping[str, Provider] = {"stripe": stripe, "wechat_pay": wechat_pay, "alipay": alipay, BANK: bank}


def at(provider: str) -> Provider:
    return PROVIDERS[provider]
