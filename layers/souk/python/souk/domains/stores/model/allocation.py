"""Which store serves an order, or which of them together, decided over plain values."""

from collections.abc import Iterator, Mapping, Sequence, Sized
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

from souk.domains.stores.model.settings import MOST_PARTS
from souk.domains.stores.model.store import Store
from souk.kernel import geo
from souk.kernel.address import GeoPoint
from souk.kernel.errors import Conflict, Refused

MOST_CANDIDATES = 8  # stores whose stock one checkout reads
# Goods at a store that one order is taken from: to hand it on moves as many back and forth in one transaction of 100.
MOST_SHELVES = 45
MOST_EXPLAINED = 50


class NotDeliveredThere(Conflict):
    title = "No store delivers there"


class Candidates(NamedTuple):
    """The stores to ask, in order, and why others are passed over or come later."""

    asked: list[Store]
    explanation: list[str]

    def need_some(self, country: str) -> None:
        if not self.asked:
            raise NotDeliveredThere(country=country, explanation=self.explanation)


class TooManySellers(Refused):
    title = "Too many sellers in one order"


class NoPickupThere(Conflict):
    title = "No goods can be fetched from that store"


class Lot(NamedTuple):
    """What is wanted of one owner's goods, and the owner's stores to ask for it."""

    units: Mapping[str, int]
    chosen: Candidates


class Shortage(NamedTuple):
    """The SKU that the stores are shortest of, with what as many as may serve one order have of it together."""

    sku: str
    wanted: int
    available: int


class Part(NamedTuple):
    """What one store serves of an order."""

    store_id: str
    units: dict[str, int]


class Allocation(NamedTuple):
    """Who serves the order, and why: what was found at each store that was asked, in order.

    One part is the whole order; the first one's `store` sets the terms. No part at all is told as a shortage.
    """

    explanation: list[str]
    store: Store | None = None
    parts: tuple[Part, ...] = ()
    shortage: Shortage | None = None


Available = Mapping[tuple[str, str], int]


def candidates(
    stores: Sequence[Store],
    country: str,
    at: datetime,
    point: GeoPoint | None = None,
    taken: Mapping[str, int] | None = None,
) -> Candidates:
    """The stores to ask, in order: those that say how far they deliver and the country's own, then the others.

    Of either the ones that work that day come first, of these the ones that have not `taken` their day's orders, and
    of these the ones that say how far they deliver; then it goes by rank, and of equal rank the nearer comes first.
    """
    passed = {store.store_id: why for store in stores if (why := _why_not(store, country, point))}
    serving = [store for store in stores if store.store_id not in passed]

    def order(store: Store) -> tuple[bool, bool, bool, bool, int, int, str]:
        return (
            store.reach is None and store.address.country != country,
            not store.works_on(at),
            is_full(store, taken),
            store.reach is None,
            store.rank,
            geo.distance_metres(store.point, point) if point else 0,
            store.store_id,
        )

    serving.sort(key=order)
    late = [why for store in serving if (why := _why_late(store, at, taken))]
    others = len(serving) - MOST_CANDIDATES
    crowd = [f"{others} more are not asked: {MOST_CANDIDATES} are asked at most"] if others > 0 else []
    explanation = [*passed.values(), *late][: MOST_EXPLAINED - 1] + crowd
    return Candidates(asked=serving[:MOST_CANDIDATES], explanation=explanation)


def is_full(store: Store, taken: Mapping[str, int] | None) -> bool:
    return store.daily_orders is not None and (taken or {}).get(store.store_id, 0) >= store.daily_orders


def _why_not(store: Store, country: str, point: GeoPoint | None) -> str | None:
    if not store.open:
        return f"{store.name} is closed"
    if not store.delivers_to(country):
        return f"{store.name} does not deliver to {country}"
    if not store.reaches(point):
        return f"{store.name} does not deliver as far as there" if point else f"{store.name} has to know the point"
    return None


def _why_late(store: Store, at: datetime, taken: Mapping[str, int] | None) -> str | None:
    if not store.works_on(at):
        return f"{store.name} does not work that day and comes later"
    return f"{store.name} has its orders of the day and comes later" if is_full(store, taken) else None


def pickup_at(store: Store) -> Candidates:
    """The one store to ask where the buyer fetches the goods: no other may serve the order."""
    if not (store.open and store.pickup):
        raise NoPickupThere(store_id=store.store_id)
    return Candidates(asked=[store], explanation=[])


def allocate(asked: Sequence[Store], wanted: Mapping[str, int], available: Available, most_parts: int) -> Allocation:
    """The first store that has the order whole; otherwise the fewest that have it together, the first ones first.

    `available` is by (SKU, store).
    """
    explanation: list[str] = []
    for store in asked:
        short = [sku for sku, units in wanted.items() if available.get((sku, store.store_id), 0) < units]
        if not short:
            whole = Part(store_id=store.store_id, units=dict(wanted))
            return Allocation(store=store, parts=(whole,), explanation=[*explanation, f"{store.name} has all of it"])
        explanation.append(f"{store.name} is short of {', '.join(short)}")
    stores = {store.store_id: store for store in asked}
    for chosen in _groups(asked, most_parts):
        if parts := _parts(chosen, wanted, available):
            sent = "; ".join(f"{_listed(part.units)} from {stores[part.store_id].name}" for part in parts)
            explanation.append(f"Together they have it: {sent}")
            return Allocation(store=stores[parts[0].store_id], parts=parts, explanation=explanation)
    if most_parts > 1:
        explanation.append(f"No {most_parts} of them have all of it together")
    return Allocation(shortage=_shortage(asked, wanted, available, most_parts), explanation=explanation)


def need_few(sellers: Sized) -> None:
    """Each has a part of the order at least."""
    if len(sellers) > MOST_PARTS:
        raise TooManySellers(f"Goods of at most {MOST_PARTS} sellers in one order", most=MOST_PARTS)


def allocate_each(lots: Sequence[Lot], available: Available, most_parts: int) -> list[Allocation]:
    """The goods of each owner by the owner's stores; of several owners all parts together are as few as of one."""
    most_parts = min(most_parts, MOST_PARTS // len(lots))
    found = [allocate(lot.chosen.asked, lot.units, available, most_parts) for lot in lots]
    if sum(len(part.units) for one in found for part in one.parts) > MOST_SHELVES and most_parts > 1:
        return allocate_each(lots, available, most_parts=1)
    return [
        one._replace(explanation=[*lot.chosen.explanation, *one.explanation])
        for lot, one in zip(lots, found, strict=True)
    ]


def _groups(asked: Sequence[Store], most: int) -> Iterator[Sequence[Store]]:
    """Two together, then three, each by rank: few enough to try them all."""
    for number in range(2, most + 1):
        yield from combinations(asked, number)


def _parts(chosen: Sequence[Store], wanted: Mapping[str, int], available: Available) -> tuple[Part, ...]:
    """What each of them serves: a line whole where one has it, the first one first; nothing where they lack some."""
    units: dict[str, dict[str, int]] = {store.store_id: {} for store in chosen}
    for sku, left in wanted.items():
        has = {store_id: available.get((sku, store_id), 0) for store_id in units}
        whole = next((store_id for store_id, there in has.items() if there >= left), None)
        for store_id in [whole] if whole else has:
            if taken := min(left, has[store_id]):
                units[store_id][sku] = taken
                left -= taken
        if left:
            return ()
    if sum(map(len, units.values())) > MOST_SHELVES:
        return ()
    return tuple(Part(store_id=store_id, units=taken) for store_id, taken in units.items() if taken)


def _shortage(asked: Sequence[Store], wanted: Mapping[str, int], available: Available, most_parts: int) -> Shortage:
    best = {
        sku: sum(sorted((available.get((sku, store.store_id), 0) for store in asked), reverse=True)[:most_parts])
        for sku in wanted
    }
    sku = min(best, key=lambda one: best[one] - wanted[one])
    return Shortage(sku=sku, wanted=wanted[sku], available=best[sku])


def _listed(units: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {sku}" for sku, number in units.items())
