"""The payment providers by their names, each a room of its own that knows how its provider is spoken to."""

from collections.abc import Mapping

from souk.gateways import alipay, bank, stripe, stripe_keeping, wechat_pay
from souk.gateways.providers import Keeper, Provider
from souk.kernel.paying import BANK, METHODS, STRIPE

PROVIDERS: Mapping[str, Provider] = {STRIPE: stripe, "wechat_pay": wechat_pay, "alipay": alipay, BANK: bank}
KEEPERS: Mapping[str, Keeper] = {STRIPE: stripe_keeping}


def at(provider: str) -> Provider:
    return PROVIDERS[provider]


def keeper_of(method: str) -> Keeper:
    return KEEPERS[METHODS[method].provider]
