"""What buyers are charged in another currency than the one in which the shop counts."""

from datetime import datetime

from souk.kernel import money
from souk.kernel.shapes import Noun


class Sum(Noun):
    """So many minor units of a currency."""

    currency: str
    minor: int


class Charge(Sum):
    """What `of_minor` of the shop's money are charged as, by the rate that was locked for it.

    One euro is worth so many millionths of the shop's currency (`from_micro`) and of the other one (`micro`).
    """

    of_minor: int
    from_micro: int
    micro: int
    source: str
    at: datetime

    def worth(self, charged_minor: int) -> int:
        """In the shop's money, half-up: all of it is exactly what it was charged for."""
        return money.divide(charged_minor * self.of_minor, self.minor)


class ChargeOffer(Charge):
    """Whoever agrees to the quote by `rate_until` names the `rate_lock`, and is charged by this rate."""

    rate_until: datetime
    rate_lock: str


def rounded(minor: int, by: int, currency: str) -> int:
    """A quotient as it can be charged, half-up."""
    least = coin(currency)
    return money.divide(minor, by * least) * least


def coin(currency: str) -> int:
    """The least that can be charged of it, in minor units: of three decimals no provider takes the last one.

    https://docs.stripe.com/currencies#three-decimal
    """
    return 10 if money.exponent(currency) == 3 else 1


def is_in_coins(amount_minor: int, currency: str) -> bool:
    return amount_minor % coin(currency) == 0


def share(charged: Sum, of_minor: int, part_minor: int) -> int:
    """What was charged for that part of the shop's money, as it can be paid back."""
    if part_minor >= of_minor:
        return charged.minor
    return rounded(charged.minor * part_minor, of_minor, charged.currency)
