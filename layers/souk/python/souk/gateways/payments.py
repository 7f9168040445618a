"""The payment providers by their names, each a room of its own that knows how its provider is spoken to.

One is imported when it is first spoken to: a payment has one, and each brings what it signs and calls with.
"""

from collections.abc import Callable, Mapping

from souk.gateways.providers import Keeper, Provider
from souk.kernel.paying import BANK, METHODS, STRIPE


def at(provider: str) -> Provider:
    return _PROVIDERS[provider]()


def keeper_of(method: str) -> Keeper:
    return _KEEPERS[METHODS[method].provider]()


def _stripe() -> Provider:
    from souk.gateways import stripe

    return stripe


def _stripe_keeping() -> Keeper:
    from souk.gateways import stripe_keeping

    return stripe_keeping


def _wechat_pay() -> Provider:
    from souk.gateways import wechat_pay

    return wechat_pay


def _alipay() -> Provider:
    from souk.gateways import alipay

    return alipay


def _bank() -> Provider:
    from souk.gateways import bank

    return bank


_PROVIDERS: Mapping[str, Callable[[], Provider]] = {
    STRIPE: _stripe,
    "wechat_pay": _wechat_pay,
    "alipay": _alipay,
    BANK: _bank,
}
_KEEPERS: Mapping[str, Callable[[], Keeper]] = {STRIPE: _stripe_keeping}
