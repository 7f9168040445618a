"""Rates of exchange, dated and by their source, and amounts converted by them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field
from pydantic.types import StringConstraints

from souk.kernel import charging, money
from souk.kernel.charging import Charge
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Currency, Input, Noun

Source = Literal["ecb", "staff"]
BASE = "EUR"  # the European Central Bank gives its reference rates for one euro
RateText = Annotated[str, StringConstraints(strict=True, pattern=money.RATE, max_length=16)]


class NoRate(Refused):
    title = "A rate of exchange is of another currency than the euro, and more than nothing"


class NoRateNow(Conflict):
    title = "There is no rate of exchange of now to charge in that currency by"


class NotLocked(Refused):
    title = "That is no rate that the shop has locked"


class TooLittleToCharge(Refused):
    title = "That is less than the smallest coin of the currency"


class RatesDraft(Input):
    """How much of each currency one euro is worth, as `1.0843`."""

    rates: Annotated[dict[Currency, RateText], Field(min_length=1, max_length=50)]

    def micro(self) -> dict[str, int]:
        found = {currency: money.micro(text) for currency, text in self.rates.items() if currency != BASE}
        if not found or not all(found.values()):
            raise NoRate()
        return found


class RateSheet(Noun):
    """Rates of one moment: `micro` is how many millionths of each currency one euro is worth."""

    at: datetime
    source: Source
    by: str
    micro: dict[str, int]


class Rate(Noun):
    """The newest that is known of a currency."""

    micro: int
    source: Source
    at: datetime


class Conversion(Noun):
    """How amounts of one currency are converted into another: by the rates of both, with one rounding."""

    from_currency: str
    currency: str
    from_micro: int
    micro: int
    source: Source
    at: datetime
    stale: bool

    def of(self, minor: int) -> int:
        """Minor units of the one into minor units of the other, half-up."""
        return money.divide(*self._quotient(minor))

    def charge(self, minor: int) -> Charge:
        """The same as it can be charged."""
        charged_minor = charging.rounded(*self._quotient(minor), self.currency)
        if not charged_minor:
            raise TooLittleToCharge(currency=self.currency)
        said = self.model_dump(include={"currency", "from_micro", "micro", "source", "at"})
        return Charge(minor=charged_minor, of_minor=minor, **said)

    def _quotient(self, minor: int) -> tuple[int, int]:
        up, down = money.exponent(self.currency), money.exponent(self.from_currency)
        return minor * self.micro * 10**up, self.from_micro * 10**down


class RateLock(Noun):
    """A conversion by which the shop charges whoever agrees to it in time."""

    by: Conversion
    until: datetime

    def holds(self, currency: str, now: datetime) -> bool:
        """For a shop that still counts in the currency."""
        return self.by.from_currency == currency and now <= self.until


def newest(sheets: Iterable[RateSheet]) -> dict[str, Rate]:
    """Of each currency the newest rate, whoever gave it; the sheets from the newest on."""
    found: dict[str, Rate] = {}
    for sheet in sheets:
        for currency, micro in sheet.micro.items():
            if currency not in found:
                found[currency] = Rate(micro=micro, source=sheet.source, at=sheet.at)
    return found


def conversion(
    rates: Mapping[str, Rate], from_currency: str, currency: str, now: datetime, stale_after: timedelta
) -> Conversion | None:
    """By the older of the two rates it is as old; the base has none, and is never older. None where one is unknown."""
    if not {from_currency, currency} - {BASE} <= rates.keys():
        return None
    needed = {one: rates[one] for one in (from_currency, currency) if one != BASE}
    oldest = min(needed.values(), key=lambda rate: rate.at)
    return Conversion(
        from_currency=from_currency,
        currency=currency,
        from_micro=needed[from_currency].micro if from_currency != BASE else money.MICRO,
        micro=needed[currency].micro if currency != BASE else money.MICRO,
        source=oldest.source,
        at=oldest.at,
        stale=oldest.at + stale_after < now,
    )
