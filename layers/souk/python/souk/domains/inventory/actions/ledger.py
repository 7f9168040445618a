"""The ledger: the one way to change what is on hand, and every change has its entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from souk.domains.inventory import store
from souk.domains.inventory.events import StockMoved, StockShort
from souk.domains.inventory.model.stock import Cause, InsufficientStock, NotStocked, Pool, Stock, StockEntry
from souk.table import keys
from souk.table.conditions import Condition, Equals, at_least
from souk.table.unit import ChangedMeanwhile, Unit


@dataclass(frozen=True)
class Move:
    """Why goods move, and who moved them when."""

    cause: Cause
    reference: str
    by: str
    at: datetime


def book(
    unit: Unit,
    store_id: str,
    deltas: Mapping[str, int],
    move: Move,
    *,
    products: Mapping[str, str] | None = None,
    awaited: bool = False,
    forced: bool = False,
) -> None:
    """Changes what is on hand, and tells of it; a SKU that is new here needs its product.

    What was `awaited` is incoming no more. What is `forced` takes away promised goods too, and says of which SKUs the
    store is short then.
    """
    short = post(unit, store_id, deltas, move, products=products, awaited=awaited, forced=forced)
    said = {"store_id": store_id, "cause": move.cause, "reference": move.reference}
    unit.tell(StockMoved(units=dict(deltas), **said))
    if short:
        unit.tell(StockShort(short=short, **said))


def post(
    unit: Unit,
    store_id: str,
    deltas: Mapping[str, int],
    move: Move,
    *,
    products: Mapping[str, str] | None = None,
    awaited: bool = False,
    forced: bool = False,
) -> dict[str, int]:
    """As `book`, where somebody else tells of it; answers how many units of which SKU are promised and not there.

    ChangedMeanwhile where another move of the same goods came between: run the whole command `again`.
    """
    kept = store.at_store(store_id, deltas)
    short = {}
    for sku, delta in deltas.items():
        before = kept.get(sku)
        if before is None:
            if delta < 0 or not products:
                raise NotStocked(sku=sku)
            before = Stock(sku=sku, store_id=store_id, product_id=products[sku])
        entry = StockEntry(
            sku=sku,
            store_id=store_id,
            sequence=before.entries + 1,
            delta=delta,
            balance=before.on_hand + delta,
            cause=move.cause,
            reference=move.reference,
            actor=move.by,
            at=move.at,
        )
        unit.add(keys.STOCK_ENTRY, entry, otherwise=ChangedMeanwhile())
        available = before.available + delta
        if forced and delta < 0 and available < 0:
            short[sku] = -available
        _count(unit, before, delta, move.cause, awaited, is_short=sku in short)
    return short


def expect(
    unit: Unit, store_id: str, units: Mapping[str, int], products: Mapping[str, str] | None = None, sign: int = 1
) -> None:
    """Goods are on their way to the store, or no more (`sign` -1); a SKU that is new here needs its product."""
    kept = store.at_store(store_id, units) if products else {}
    for sku, count in units.items():
        if products and sku not in kept:
            stock = Stock(sku=sku, store_id=store_id, product_id=products[sku], incoming=count)
            unit.save(keys.STOCK, stock, otherwise=ChangedMeanwhile())
            continue
        least = at_least("on_hand", 0) if sign > 0 else at_least("incoming", count)
        unit.change(keys.STOCK, sku=sku, store_id=store_id, add={"incoming": sign * count}, only_if=(least,))


def _count(unit: Unit, before: Stock, delta: int, cause: Cause, awaited: bool, is_short: bool) -> None:
    if not before.version:
        unit.save(keys.STOCK, before.but(on_hand=delta, available=delta, entries=1), otherwise=ChangedMeanwhile())
        return
    pool: Pool = "reserved" if cause == "shipment" else "available"
    if before.on_hand < -delta:
        raise InsufficientStock(
            f"{before.on_hand} of {before.sku} are on hand", sku=before.sku, wanted=-delta, available=before.on_hand
        )
    # What was read may be older than the write. A move of goods has taken the entry's place; a reservation, the pool.
    only_if: list[Condition] = [at_least("on_hand", -delta)]
    if is_short:
        only_if.append(Equals("available", before.available))
    elif delta < 0:
        before.need(pool, -delta)
        only_if.append(at_least(pool, -delta))
    add = {"on_hand": delta, pool: delta, "entries": 1}
    if awaited:
        add["incoming"] = -delta
        only_if.append(at_least("incoming", delta))
    unit.change(keys.STOCK, sku=before.sku, store_id=before.store_id, add=add, only_if=tuple(only_if))
