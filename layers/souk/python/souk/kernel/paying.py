"""The methods that buyers pay with: who carries each, and where it can be offered at all."""

from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Self, get_args

from pydantic import Field, model_validator
from pydantic.types import StringConstraints

from souk.kernel.one_time_code import Code
from souk.kernel.shapes import Id, Input, Line

# `wechat`, `alipay`: within WeChat or Alipay itself, whose own browser alone can open its payments, and no other's.
Device = Literal["desktop", "mobile", "wechat", "alipay"]
# A wallet `abroad` is a Chinese buyer's, who pays a merchant elsewhere in its own currency.
PaymentMethod = Literal["card", "wechat_pay", "alipay", "paypal", "alipay_abroad", "wechat_pay_abroad", "bank_transfer"]
# The provider of money that buyers transfer to the shop's own account.
BANK = "bank"
STRIPE = "stripe"
# Stripe counts these in other units than ISO 4217: https://docs.stripe.com/currencies#special-cases
COUNTED_OTHERWISE = frozenset({"ISK", "MGA", "UGX"})
# The provider, and the method, of money that is paid out of the buyer's balance with the shop, or back into it.
BALANCE = "balance"
# What a provider keeps for a buyer, so that it can be charged again: no other method's provider does that here.
KEEPABLE: PaymentMethod = "card"
# Where money that is paid back goes: whence it came, or to the buyer's balance.
RefundTo = Literal["source", "balance"]


class MethodTerms(NamedTuple):
    """`currencies` is None where every one will do that the provider knows."""

    provider: str
    currencies: frozenset[str] | None = None
    devices: frozenset[Device] = frozenset(get_args(Device))

    def suits(self, currency: str, device: Device) -> bool:
        known = self.currencies is None or currency in self.currencies
        return device in self.devices and known and (self.provider != STRIPE or currency not in COUNTED_OTHERWISE)


# What Stripe lists of each wallet: https://docs.stripe.com/payments/payment-methods/payment-method-support.
_PAYPAL = frozenset(["AUD", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "NOK", "NZD", "PLN", "SEK", "SGD", "USD"])
_ABROAD = frozenset(["AUD", "CAD", "EUR", "GBP", "HKD", "JPY", "SGD", "USD"])

PaymentPassword = Annotated[Line, StringConstraints(min_length=6, max_length=64)]

_ANYWHERE: frozenset[Device] = frozenset({"desktop", "mobile"})

METHODS: Mapping[str, MethodTerms] = {
    "card": MethodTerms(STRIPE),
    "wechat_pay": MethodTerms("wechat_pay", frozenset({"CNY"}), _ANYWHERE | {"wechat"}),
    "alipay": MethodTerms("alipay", frozenset({"CNY"}), _ANYWHERE | {"alipay"}),
    "paypal": MethodTerms(STRIPE, _PAYPAL, _ANYWHERE),
    "alipay_abroad": MethodTerms(STRIPE, _ABROAD, _ANYWHERE),
    "wechat_pay_abroad": MethodTerms(STRIPE, _ABROAD, _ANYWHERE | {"wechat"}),
    "bank_transfer": MethodTerms(BANK),
}


class PaymentProof(Input):
    """That it is the member who pays: by their payment password, or by the code that they were sent for it."""

    password: Annotated[PaymentPassword | None, Field(repr=False)] = None
    code: Annotated[Code | None, Field(repr=False)] = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.password is None) == (self.code is None):
            raise ValueError("needs either password or code")
        return self


class OnDevice(Input):
    """What the buyer pays on; within WeChat and Alipay they are known by their openid, which is the `payer_id`."""

    device: Device = "desktop"
    payer_id: Id | None = None

    @model_validator(mode="after")
    def _known_there(self) -> Self:
        if (self.device in ("wechat", "alipay")) != (self.payer_id is not None):
            raise ValueError("payer_id goes with the devices wechat and alipay")
        return self
