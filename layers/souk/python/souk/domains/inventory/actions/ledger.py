"""The ledger: the one way to change what is on hand, and every change has its entry."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from souk.domains.inventory.events import StockFound, StockMoved, StockShort
from souk.domains.inventory.model.stock import PROMISED, Cause, InsufficientStock, NotStocked, Pool, Stock, StockEntry
from souk.domains.inventory.store import stock as store
from souk.table import keys
from souk.table.conditions import Condition, Equals, Present, at_least
from souk.table.unit import ChangedMeanwhile, Unit


class Move(NamedTuple):
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
    gone: bool = False,
    scrapped: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Changes what is on hand, and tells of it, but for goods that leave an order; a SKU that is new needs its product.

    What was `awaited` is incoming no more. What is `forced` takes away promised goods too, and says of which SKUs the
    store is short then. What is `gone` has left whatever the books say: what they lacked is entered as found, and told.
    What is `scrapped` of goods that come leaves again at once, by an entry of its own.
    ChangedMeanwhile where another move of the same goods came between: run the whole command `again`.
    """
    kept = store.at_store(store_id, deltas)
    short: dict[str, int] = {}
    found: dict[str, int] = {}
    for sku, delta in deltas.items():
        before = kept.get(sku)
        if before is None:
            if (delta < 0 and not gone) or not products:
                raise NotStocked(sku=sku)
            before = Stock(sku=sku, store_id=store_id, product_id=products[sku])
        lacking = -(before.available + delta) if delta < 0 else 0
        if gone and lacking > 0:
            found[sku] = min(-delta, lacking)
        elif forced and lacking > 0:
            short[sku] = lacking
        changes: list[tuple[Cause, int]] = [("found", found[sku])] if sku in found else []
        changes.append((move.cause, delta))
        if scrapped.get(sku):
            changes.append(("scrap", -scrapped[sku]))
        _enter(unit, before, changes, move)
        _count(unit, before, changes, move.cause, awaited, is_short=sku in short)
    said = {"store_id": store_id, "reference": move.reference}
    if move.cause not in PROMISED:
        units = {sku: delta + found.get(sku, 0) - scrapped.get(sku, 0) for sku, delta in deltas.items()}
        unit.tell(StockMoved(cause=move.cause, units=units, **said))
    if short:
        unit.tell(StockShort(cause=move.cause, short=short, **said))
    if found:
        unit.tell(StockFound(units=found, **said))


def expect(unit: Unit, store_id: str, units: Mapping[str, int], products: Mapping[str, str]) -> None:
    """Goods are on their way to the store; a SKU that is new here needs its product."""
    kept = store.at_store(store_id, units)
    for sku, count in units.items():
        if sku in kept:
            unit.change(keys.STOCK, sku=sku, store_id=store_id, add={"incoming": count}, only_if=(Present(),))
        else:
            stock = Stock(sku=sku, store_id=store_id, product_id=products[sku], incoming=count)
            unit.save(keys.STOCK, stock, otherwise=ChangedMeanwhile())


def expect_no_more(unit: Unit, store_id: str, units: Mapping[str, int]) -> None:
    for sku, count in units.items():
        least = at_least("incoming", count)
        unit.change(keys.STOCK, sku=sku, store_id=store_id, add={"incoming": -count}, only_if=(least,))


def _enter(unit: Unit, before: Stock, changes: Sequence[tuple[Cause, int]], move: Move) -> None:
    """One change after the other; refused where another move of the same goods has taken an entry's place."""
    balance = before.on_hand
    for sequence, (cause, delta) in enumerate(changes, before.entries + 1):
        balance += delta
        entry = StockEntry(
            sku=before.sku,
            store_id=before.store_id,
            sequence=sequence,
            delta=delta,
            balance=balance,
            cause=cause,
            reference=move.reference,
            actor=move.by,
            at=move.at,
        )
        unit.add(keys.STOCK_ENTRY, entry, otherwise=ChangedMeanwhile())


def _count(
    unit: Unit, before: Stock, changes: Sequence[tuple[Cause, int]], cause: Cause, awaited: bool, is_short: bool
) -> None:
    delta, entries = sum(change for _, change in changes), len(changes)
    if not before.version:
        first = before.but(on_hand=delta, available=delta, entries=entries)
        unit.save(keys.STOCK, first, otherwise=ChangedMeanwhile())
        return
    pool: Pool = "reserved" if cause in PROMISED else "available"
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
    add = {"on_hand": delta, pool: delta, "entries": entries}
    if awaited:
        add["incoming"] = -delta
        only_if.append(at_least("incoming", delta))
    unit.change(keys.STOCK, sku=before.sku, store_id=before.store_id, add=add, only_if=tuple(only_if))
