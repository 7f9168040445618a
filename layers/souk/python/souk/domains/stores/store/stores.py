"""Stores, as they are asked for."""

from collections.abc import Iterable, Iterator

from souk.domains.stores.model.store import NoSuchStore, OfferedStore, Store, StorePlace
from souk.kernel import geo
from souk.kernel.address import GeoPoint
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.port import At

_PAGE, _MOST_IN_CELL = 1000, 100


def get(store_id: str) -> Store:
    return ask.get(keys.STORE, Store, NoSuchStore, store_id=store_id)


def these(store_ids: Iterable[str]) -> list[Store]:
    """Those of them that there are, in the order of their ids."""
    found = ask.many(store_keys(store_ids)).all(keys.STORE, Store)
    return sorted(found, key=lambda one: one.store_id)


def store_keys(store_ids: Iterable[str]) -> list[At]:
    return [ask.key(keys.STORE, store_id=store_id) for store_id in store_ids]


def page(limit: int, position: str | None, merchant_id: str | None = None) -> tuple[list[Store], str | None]:
    """Of all stores or of a merchant's, in the order of their ids."""
    pattern = patterns.STORES_OF_MERCHANT if merchant_id else patterns.ALL_STORES
    rows = ask.ask(pattern, limit=limit, position=position, merchant_id=merchant_id)
    return rows.all(keys.STORE, Store), rows.position


def of_caller(by: Caller, limit: int, position: str | None) -> tuple[list[Store], str | None]:
    """The stores in the caller's scope."""
    return (these(by.stores), None) if by.stores else page(limit, position, by.merchant_id)


def all_ids() -> Iterator[str]:
    """For what the shop does by itself at every store."""
    position: str | None = None
    more = True
    while more:
        rows = ask.ask(patterns.ALL_STORES, limit=_PAGE, position=position)
        yield from (one.store_id for one in rows.all(keys.STORE, StorePlace))
        position, more = rows.position, rows.position is not None


def offered(place: str, limit: int, position: str | None = None) -> tuple[list[Store], str | None]:
    """Open stores that may deliver to a place, those of the lowest rank first."""
    rows = ask.ask(patterns.OFFERED_STORES, limit=limit, position=position, place=place)
    return list(rows.all(keys.OFFERED_STORE, OfferedStore)), rows.position


def nearest(point: GeoPoint, limit: int) -> list[tuple[int, str]]:
    """The nearest open stores, each after its distance in metres."""
    return geo.nearest(point, limit, _in_cell)


def _in_cell(cell: str) -> list[tuple[str, GeoPoint]] | None:
    """None where they are so many that smaller cells are worth asking."""
    most = ask.ALL if len(cell) > geo.FINEST else _MOST_IN_CELL
    rows = ask.ask(patterns.STORE_MAP, limit=most, cell=cell)
    return None if rows.position else [(one.store_id, one.point) for one in rows.all(keys.STORE, StorePlace)]
