"""The methods that buyers pay with: who carries each, and where it can be offered at all."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, Self

from pydantic import model_validator

from souk.kernel.shapes import Id, Input

# `wechat`: within WeChat itself, whose own browser alone can open its payments.
Device = Literal["desktop", "mobile", "wechat"]
PaymentMethod = Literal["card", "wechat_pay"]


class MethodTerms(NamedTuple):
    """`currencies` is None where every one will do that the provider knows."""

    provider: str
    currencies: frozenset[str] | None = None
    devices: frozenset[Device] = frozenset({"desktop", "mobile", "wechat"})

    def suits(self, currency: str, device: Device) -> bool:
        return device in self.devices and (self.currencies is None or currency in self.currencies)


METHODS: Mapping[str, MethodTerms] = {
    "card": MethodTerms("stripe"),
    "wechat_pay": MethodTerms("wechat_pay", frozenset({"CNY"})),
}


class OnDevice(Input):
    """What the buyer pays on; within WeChat they are known by their openid, which is the `payer_id`."""

    device: Device = "desktop"
    payer_id: Id | None = None

    @model_validator(mode="after")
    def _known_there(self) -> Self:
        if (self.device == "wechat") != (self.payer_id is not None):
            raise ValueError("payer_id goes with the device wechat")
        return self
