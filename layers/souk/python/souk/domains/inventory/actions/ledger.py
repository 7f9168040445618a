"""The ledger: the one way to change what is on hand, and every change has its entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from souk.domains.inventory import store
from souk.domains.inventory.events import StockMoved, StockShort
from souk.domains.inventory.model.stock import PROMISED, Cause, InsufficientStock, NotStocked, Pool, Stock, StockEntry
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
    gone: bool = False,
) -> dict[str, int]:
    """As `book`, where somebody else tells of it; answers how many units of which SKU the books lacked.

    Where it is `forced` they are promised and not there. Where they are `gone` already, the books were wrong: what they
    lacked is entered as found. ChangedMeanwhile where another move of the same goods came between: run the whole
    command `again`.
    """
    kept = store.at_store(store_id, deltas)
    lacking = {}
    for sku, delta in deltas.items():
        before = kept.get(sku)
        if before is None:
            if (delta < 0 and not gone) or not products:
                raise NotStocked(sku=sku)
            before = Stock(sku=sku, store_id=store_id, product_id=products[sku])
        available, changes = before.available + delta, [(move.cause, delta)]
        if delta < 0 and available < 0 and (forced or gone):
            lacking[sku] = min(-delta, -available) if gone else -available
        if gone and sku in lacking:
            changes.insert(0, ("found", lacking[sku]))
        _enter(unit, before, changes, move)
        whole = sum(change for _, change in changes)
        _count(unit, before, whole, move.cause, awaited, is_short=forced and sku in lacking, entries=len(changes))
    return lacking


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


def _count(unit: Unit, before: Stock, delta: int, cause: Cause, awaited: bool, is_short: bool, entries: int) -> None:
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
