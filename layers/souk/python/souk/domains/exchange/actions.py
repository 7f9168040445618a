"""What is done with rates of exchange: they are fetched from their source, and set by people."""

from souk.domains.exchange import store
from souk.domains.exchange.model import RatesDraft, RateSheet
from souk.gateways import ecb
from souk.kernel import clock, settings
from souk.kernel.caller import Caller, system
from souk.table import keys
from souk.table.unit import Unit


def fetch_rates() -> None:
    """Those of the day, once: on a day off the source answers those of the day before."""
    if not settings.rates_url():  # staff set them
        return
    published = ecb.daily_rates()
    sheet = RateSheet(at=published.at, source="ecb", by=system("fetch_rates").id, micro=published.micro)
    if not store.has(sheet):
        _add(sheet)


def set_rates(draft: RatesDraft, by: Caller) -> RateSheet:
    """They hold until the source gives newer ones, or somebody does."""
    by.need_store(None)
    sheet = RateSheet(at=clock.now(), source="staff", by=by.id, micro=draft.micro())
    _add(sheet)
    return sheet


def _add(sheet: RateSheet) -> None:
    with Unit() as unit:
        unit.add(keys.RATE_SHEET, sheet)
