"""What is told of merchants."""

from souk.kernel.fact import Fact


class _OfMerchant(Fact):
    """`step` counts the merchant's moves: the same step is the same cause, however often it is told."""

    merchant_id: str
    member_id: str
    merchant_name: str
    step: int


class MerchantApplied(_OfMerchant):
    """A member has applied to sell here, or answered what was asked."""


class MerchantDecided(_OfMerchant):
    """Head office has moved it on, from what it `was`: asked for more, let in, rejected, suspended, let back in."""

    was: str
    status: str
    reason: str


class MerchantGoodsLeft(Fact):
    """Many of its goods have followed its standing onto the shelf or off it; there are more."""

    merchant_id: str
