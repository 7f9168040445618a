"""Which store serves an order, decided over plain values."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from souk.domains.stores.model.store import Store
from souk.kernel.errors import Conflict
from souk.kernel.shapes import Noun

MOST_CANDIDATES = 8  # stores whose stock one checkout reads


class NotDeliveredThere(Conflict):
    title = "No store delivers to that country"


class NoPickupThere(Conflict):
    title = "No goods can be fetched from that store"


class Shortage(Noun):
    """The SKU that the stores are shortest of, with what the best of them has."""

    sku: str
    wanted: int
    available: int


class Allocation(Noun):
    """Which store serves the order, and why: what was found at each store that was asked, in order."""

    store: Store | None = None
    shortage: Shortage | None = None
    explanation: list[str]


def candidates(stores: Sequence[Store], country: str, at: datetime) -> list[Store]:
    """The stores to ask, in order: those of the buyer's country, of these the ones that work that day, then by rank."""
    serving = [store for store in stores if store.delivers_to(country)]
    if not serving:
        raise NotDeliveredThere(country=country)
    serving.sort(
        key=lambda store: (store.address.country != country, not store.works_on(at), store.rank, store.store_id)
    )
    return serving[:MOST_CANDIDATES]


def pickup_at(stores: Sequence[Store], store_id: str) -> Store:
    """The one store to ask where the buyer fetches the goods: no other may serve the order."""
    for store in stores:
        if store.store_id == store_id and store.open and store.pickup:
            return store
    raise NoPickupThere(store_id=store_id)


def allocate(asked: Sequence[Store], wanted: Mapping[str, int], available: Mapping[tuple[str, str], int]) -> Allocation:
    """The first store that can serve the order whole, or what it fails for. `available` is by (SKU, store)."""
    explanation: list[str] = []
    for store in asked:
        short = [sku for sku, units in wanted.items() if available.get((sku, store.store_id), 0) < units]
        if not short:
            return Allocation(store=store, explanation=[*explanation, f"{store.name} has all of it"])
        explanation.append(f"{store.name} is short of {', '.join(short)}")
    best = {sku: max(available.get((sku, store.store_id), 0) for store in asked) for sku in wanted}
    sku = min(best, key=lambda one: best[one] - wanted[one])
    shortage = Shortage(sku=sku, wanted=wanted[sku], available=best[sku])
    return Allocation(shortage=shortage, explanation=explanation)
