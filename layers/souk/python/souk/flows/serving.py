"""Which stores may serve an order: asked of the table in questions that do not grow with the number of stores."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import chain
from typing import NamedTuple

from souk.domains.inventory.store import stock
from souk.domains.orders.model.quote import Holding
from souk.domains.stores.model.allocation import (
    MOST_CANDIDATES,
    Candidates,
    Lot,
    NoPickupThere,
    allocate_each,
    candidates,
    is_full,
    pickup_at,
)
from souk.domains.stores.model.store import NoSuchStore, Store, places_for
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores
from souk.kernel import clock
from souk.kernel.address import GeoPoint
from souk.kernel.caller import Caller
from souk.kernel.kept import kept
from souk.table import ask

_PAGE, _MOST_PAGES = 100, 10


class _Pool(NamedTuple):
    """Stores in one place, in order of rank, and how many orders those that mind have had today."""

    stores: tuple[Store, ...] = ()
    taken: dict[str, int] = {}


def candidates_for(
    country: str,
    point: GeoPoint | None = None,
    by: Caller | None = None,
    may: Callable[[str], bool] = lambda store_id: True,
    merchant_id: str | None = None,
) -> Candidates:
    """The owner's stores to ask for an order to there, of those that `may`; for staff bound to stores, of theirs."""
    if by and by.stores:
        pools = [_with_taken([one for one in stores.these(by.stores) if one.merchant_id == merchant_id])]
    else:
        pools = _around(country, point, may, merchant_id)
    shop = settings_store.at_hand().settings
    found = {one.store_id: one.in_shop(shop) for pool in pools for one in pool.stores if may(one.store_id)}
    taken = dict(chain.from_iterable(pool.taken.items() for pool in pools))
    return candidates([*found.values()], country, clock.now(), point, taken)


def pickup_from(store_id: str) -> Candidates:
    """The store in which the goods are fetched, if it gives any out; it is asked alone."""
    try:
        return pickup_at(_store(store_id).in_shop(settings_store.at_hand().settings))
    except NoSuchStore:
        raise NoPickupThere(store_id=store_id) from None


def terms_of(store_id: str, country: str, point: GeoPoint | None) -> Store:
    """The store by whose terms goods go there that lie in it; NotDeliveredThere where it does not deliver so far."""
    found = candidates([_store(store_id)], country, clock.now(), point)
    found.need_some(country)
    return found.asked[0]


def shared_out(lots: Sequence[Lot], most_parts: int) -> list[Holding]:
    """What each of their stores would serve, as its stock is now; nothing where they do not have all of it."""
    if not all(lot.chosen.asked for lot in lots):
        return []
    wanted = [key for lot in lots for key in stock.stock_keys(lot.units, [one.store_id for one in lot.chosen.asked])]
    available = {at: one.available for at, one in stock.stocks(ask.many(wanted)).items()}
    found = allocate_each(lots, available, most_parts)
    return [Holding(**part._asdict()) for one in found for part in one.parts] if all(one.parts for one in found) else []


def _around(country: str, point: GeoPoint | None, may: Callable[[str], bool], merchant_id: str | None) -> list[_Pool]:
    """Further places are looked at only while there are too few in those that go before them."""
    pools: list[_Pool] = []
    for places in places_for(country, point, merchant_id):
        pools += [_offered(place) for place in places]
        found = {one.store_id: one for pool in pools for one in pool.stores if may(one.store_id)}
        if sum(one.delivers_to(country) and one.reaches(point) for one in found.values()) >= MOST_CANDIDATES:
            break
    return pools


@kept(timedelta(seconds=20))
def _offered(place: str) -> _Pool:
    """At least as many as are asked that have not had their orders of the day, where there are so many."""
    pool, position = _Pool(), None
    for _ in range(_MOST_PAGES):
        found, position = stores.offered(place, _PAGE, position)
        more = _with_taken(found)
        pool = _Pool((*pool.stores, *more.stores), pool.taken | more.taken)
        free = sum(not is_full(one, pool.taken) for one in pool.stores)
        if position is None or free >= MOST_CANDIDATES:
            break
    return pool


def _with_taken(found: list[Store]) -> _Pool:
    limited = [one.store_id for one in found if one.daily_orders is not None]
    if not limited:
        return _Pool(tuple(found))
    from souk.domains.reports import store as reports

    return _Pool(tuple(found), reports.orders_on(clock.now().date(), limited))


@kept(timedelta(seconds=20))
def _store(store_id: str) -> Store:
    return stores.get(store_id)
