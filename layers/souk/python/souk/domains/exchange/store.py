"""Rates of exchange, as they are asked for."""

from datetime import timedelta

from souk.domains.exchange.model import Conversion, NoRateNow, Rate, RateSheet, conversion, newest
from souk.kernel import clock
from souk.kernel.kept import kept
from souk.table import ask, keys, patterns

# Staff may have set one rate a long time ago: so many sheets back it is still found.
_MOST_SHEETS = 100


def sheets(limit: int, position: str | None = None) -> tuple[list[RateSheet], str | None]:
    """Newest first."""
    rows = ask.ask(patterns.RATE_SHEETS, limit=limit, position=position)
    return rows.all(keys.RATE_SHEET, RateSheet), rows.position


def has(sheet: RateSheet) -> bool:
    return ask.find(keys.RATE_SHEET, RateSheet, at=sheet.at, source=sheet.source) is not None


@kept(timedelta(seconds=60))
def rates_at_hand() -> dict[str, Rate]:
    """A minute old at most, in each process."""
    return newest(sheets(_MOST_SHEETS)[0])


def conversion_at_hand(from_currency: str, currency: str, stale_after: timedelta) -> Conversion | None:
    return conversion(rates_at_hand(), from_currency, currency, clock.now(), stale_after)


def conversion_to_charge_by(from_currency: str, currency: str, stale_after: timedelta) -> Conversion:
    """Refused where no rate is known, or only one that is too old."""
    by = conversion_at_hand(from_currency, currency, stale_after)
    if by is None or by.stale:
        raise NoRateNow(currency=currency)
    return by
