"""Quotes in another currency than the shop's: the rate is locked for a while, and whoever agrees is charged by it."""

from typing import TYPE_CHECKING

from souk.domains.orders.model import quote as quoting
from souk.domains.orders.model.quote import Quote
from souk.domains.stores.store.settings import at_hand
from souk.gateways import keyed
from souk.kernel import clock
from souk.kernel.charging import ChargeOffer

if TYPE_CHECKING:
    from souk.domains.exchange.model import RateLock

_PURPOSE = "rate lock"


def offered(quote: Quote, currency: str | None) -> Quote:
    """With what its total is charged as, by the rate of now."""
    if currency in (None, quote.currency):
        return quote
    from souk.domains.exchange.model import RateLock
    from souk.domains.exchange.store import conversion_to_charge_by

    settings = at_hand().settings
    settings.need_charged(currency)
    by = conversion_to_charge_by(quote.currency, currency, settings.rate_time)
    lock = RateLock(by=by, until=clock.now() + settings.rate_lock_time)
    rate_lock = keyed.sealed(_PURPOSE, lock.model_dump_json())
    charge = by.charge(quote.total_minor)
    return quote.but(charge=ChargeOffer(**dict(charge), rate_until=lock.until, rate_lock=rate_lock))


def agreed(today: Quote, quote_id: str | None, rate_lock: str | None) -> "RateLock | None":
    """By which rate the order is charged, if by any: what was agreed to is refused with today's where it is over."""
    if rate_lock is None:
        quoting.need_same(today, quote_id)
        return None
    from souk.domains.exchange.model import NotLocked, RateLock

    text = keyed.opened(_PURPOSE, rate_lock)
    if text is None:
        raise NotLocked()
    lock = RateLock.model_validate_json(text)
    if today.quote_id != quote_id or not lock.holds(today.currency, clock.now()):
        raise quoting.changed(offered(today, lock.by.currency))
    return lock
