"""Stock is promised to orders, and given back where they end."""

from collections import Counter
from collections.abc import Mapping

from souk.domains.inventory.model.stock import InsufficientStock
from souk.domains.inventory.store import stock as store
from souk.table import keys
from souk.table.conditions import at_least
from souk.table.unit import Unit

# Units of SKUs, by store.
Shares = Mapping[str, Mapping[str, int]]


def reserve(unit: Unit, store_id: str, units: Mapping[str, int]) -> None:
    """Promises units without reading the stock first; InsufficientStock where less is available."""
    for sku, wanted in units.items():
        unit.change(
            keys.STOCK,
            sku=sku,
            store_id=store_id,
            add={"reserved": wanted, "available": -wanted},
            only_if=(at_least("available", wanted),),
            otherwise=InsufficientStock(sku=sku, wanted=wanted),
        )


def release(unit: Unit, store_id: str, units: Mapping[str, int]) -> None:
    """Gives back what was reserved; the caller's Unit holds the condition that it happens once."""
    for sku, back in units.items():
        unit.change(
            keys.STOCK,
            sku=sku,
            store_id=store_id,
            add={"reserved": -back, "available": back},
            only_if=(at_least("reserved", back),),
        )


def move_reservation(unit: Unit, before: Shares, after: Shares) -> None:
    """What stays where it is held is not touched."""
    for store_id, units in _beyond(before, after).items():
        release(unit, store_id, units)
    for store_id, units in _beyond(after, before).items():
        reserve(unit, store_id, units)


def need_stock_to_move(before: Shares, after: Shares) -> None:
    """InsufficientStock by what there is now: for who must do first what cannot be undone."""
    for store_id, units in _beyond(after, before).items():
        found = store.at_store(store_id, units)
        for sku, wanted in units.items():
            if sku not in found:
                raise InsufficientStock(sku=sku, wanted=wanted)
            found[sku].need("available", wanted)


def _beyond(shares: Shares, others: Shares) -> dict[str, Counter[str]]:
    """What each store has more of."""
    return {store_id: Counter(units) - Counter(others.get(store_id, {})) for store_id, units in shares.items()}
