"""The European Central Bank's reference rates: its daily file (eurofxref-daily.xml), one euro in each currency.

https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates
"""

import re
from datetime import UTC, date, datetime, time
from http.client import HTTPException
from typing import NamedTuple
from urllib.request import urlopen
from xml.etree import ElementTree

from souk.kernel import money, settings
from souk.kernel.errors import Unavailable

TIMEOUT_SECONDS, LONGEST = 10, 100_000
# "Around 16:00 CET on every working day"; the file says the day alone. An hour of summer makes no rate older.
PUBLISHED_AT = time(15, 0, tzinfo=UTC)
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_CURRENCY = re.compile(r"[A-Z]{3}")


class RatesUnreadable(Unavailable):
    title = "The rates of exchange cannot be had"


class DailyRates(NamedTuple):
    """`micro` is how many millionths of each currency one euro is worth."""

    at: datetime
    micro: dict[str, int]


def daily_rates() -> DailyRates:
    try:
        with urlopen(settings.rates_url(), timeout=TIMEOUT_SECONDS) as answer:
            return read(answer.read(LONGEST + 1))
    except (OSError, HTTPException) as error:
        raise RatesUnreadable(reason=type(error).__name__) from error


def read(content: bytes) -> DailyRates:
    """`<Cube time="2026-11-20"><Cube currency="USD" rate="1.0843"/>...` within the envelope."""
    if len(content) > LONGEST or b"<!DOCTYPE" in content:
        raise RatesUnreadable("The file is not the bank's")
    try:
        day = next(one for one in ElementTree.fromstring(content).iter(_CUBE) if "time" in one.attrib)
        at = datetime.combine(date.fromisoformat(day.attrib["time"]), PUBLISHED_AT)
        found = [one.attrib for one in day.iter(_CUBE) if "currency" in one.attrib]
        micro = {one["currency"]: money.micro(one["rate"]) for one in found}
    except (ElementTree.ParseError, KeyError, StopIteration, ValueError):
        raise RatesUnreadable("The file is not the bank's") from None
    if not micro or not all(_CURRENCY.fullmatch(currency) and rate for currency, rate in micro.items()):
        raise RatesUnreadable("The file has a rate that is none")
    return DailyRates(at, micro)
