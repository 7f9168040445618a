"""Stock is promised to orders, and given back where they end."""

from collections import Counter
from collections.abc import Mapping

from souk.domains.inventory.model.stock import InsufficientStock
from souk.table import keys
from souk.table.conditions import at_least
from souk.table.unit import Unit


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


def move_reservation(
    unit: Unit, before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]
) -> None:
    """Both by store: what stays where it is held is not touched."""
    for store_id in {**before, **after}:
        was, will = Counter(before.get(store_id, {})), Counter(after.get(store_id, {}))
        release(unit, store_id, was - will)
        reserve(unit, store_id, will - was)
