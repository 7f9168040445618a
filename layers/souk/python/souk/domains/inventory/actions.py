"""What is done with stock: it is promised, given back, goes out and comes in; every change on hand has its entry."""

from collections.abc import Mapping
from datetime import datetime

from souk.domains.inventory import store
from souk.domains.inventory.events import StockFellLow, StockMoved
from souk.domains.inventory.model import (
    STATES,
    Cause,
    InsufficientStock,
    NotStocked,
    Pool,
    Stock,
    StockDocument,
    StockDocumentDraft,
    StockEntry,
    ThresholdEdit,
    reversed_deltas,
)
from souk.kernel import clock, ids, states
from souk.kernel.caller import Caller
from souk.kernel.edits import EditedMeanwhile
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import at_least
from souk.table.unit import ChangedMeanwhile, Unit


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


def ship(unit: Unit, store_id: str, units: Mapping[str, int], *, shipment_id: str, by: str, at: datetime) -> None:
    """What was reserved leaves in a parcel.

    ChangedMeanwhile where another move of the same goods came between: run the whole command `again`.
    """
    _move(unit, store_id, reversed_deltas(units), cause="shipment", reference=shipment_id, by=by, at=at)


def post_document(unit: Unit, draft: StockDocumentDraft, products: Mapping[str, str], by: Caller) -> StockDocument:
    """Books goods in or out, once for each reference of the store; `products` tells which product a SKU is of."""
    document_id = ids.derived("sdo", draft.store_id, draft.reference)
    found = store.find_document(document_id)
    if found:
        found.need_same(draft)
        return found
    document = StockDocument(
        document_id=document_id,
        kind=draft.kind,
        store_id=draft.store_id,
        reference=draft.reference,
        units=draft.units(),
        note=draft.note,
        at=clock.now(),
        by=by.id,
    )
    posted = unit.save(keys.STOCK_DOCUMENT, document, otherwise=ChangedMeanwhile())
    _move(
        unit,
        document.store_id,
        document.deltas,
        cause=document.kind,
        reference=document_id,
        by=by.id,
        at=document.at,
        products=products,
    )
    unit.tell(StockMoved(store_id=document.store_id, cause=document.kind, reference=document_id, units=document.deltas))
    return posted


def void_document(document_id: str, by: Caller) -> StockDocument:
    """Reverses the document with entries of its own; refused where the goods are promised or gone already."""

    def void() -> StockDocument:
        found = store.document_for(document_id, by)
        now, deltas = clock.now(), reversed_deltas(found.deltas)
        status = states.move(STATES, found.status, "voided", f"Document {found.reference}")
        with Unit() as unit:
            _move(unit, found.store_id, deltas, cause="void", reference=document_id, by=by.id, at=now)
            unit.tell(StockMoved(store_id=found.store_id, cause="void", reference=document_id, units=deltas))
            return unit.save(keys.STOCK_DOCUMENT, found.but(status=status, voided_at=now, voided_by=by.id))

    return again(void)


def set_threshold(sku: str, store_id: str, edit: ThresholdEdit, by: Caller) -> Stock:
    """From when on the store is warned; refused where somebody else set it since `edit.version`."""
    by.need_store(store_id)

    def change() -> Stock:
        stock = store.get(sku, store_id)
        if stock.threshold_version != edit.version:
            raise EditedMeanwhile(version=stock.threshold_version)
        return _judge(stock, stock.but(threshold=edit.threshold, threshold_version=edit.version + 1))

    return again(change)


def watch_level(sku: str, store_id: str) -> Stock | None:
    """The stock, after its alert was raised or taken back where it has crossed the threshold.

    It opens a Unit of its own for each SKU: under load the stock changes between reading and writing, and one that
    has to be looked at again must not undo the others. What stands decides, so facts may come twice and in any order.
    """

    def look() -> Stock | None:
        stock = store.find(sku, store_id)
        return stock and _judge(stock, stock)

    return again(look)


def _judge(before: Stock, changed: Stock) -> Stock:
    """Saves the changed stock with its alert as it should stand, and tells of a fall."""
    after = changed.judged()
    if after == before:
        return before
    with Unit() as unit:
        if after.falls > before.falls:
            unit.tell(
                StockFellLow(
                    sku=after.sku,
                    store_id=after.store_id,
                    available=after.available,
                    threshold=after.threshold or 0,
                    fall=after.falls,
                )
            )
        return unit.save(keys.STOCK, after)


def _move(
    unit: Unit,
    store_id: str,
    deltas: Mapping[str, int],
    *,
    cause: Cause,
    reference: str,
    by: str,
    at: datetime,
    products: Mapping[str, str] | None = None,
) -> None:
    """Changes what is on hand, with an entry for each SKU; a SKU that is new here needs its product."""
    kept = store.at_store(store_id, deltas)
    for sku, delta in deltas.items():
        before = kept.get(sku)
        if before is None:
            if delta < 0 or not products:
                raise NotStocked(sku=sku)
            before = Stock(sku=sku, store_id=store_id, product_id=products[sku])
        unit.add(
            keys.STOCK_ENTRY,
            StockEntry(
                sku=sku,
                store_id=store_id,
                sequence=before.entries + 1,
                delta=delta,
                balance=before.on_hand + delta,
                cause=cause,
                reference=reference,
                actor=by,
                at=at,
            ),
            otherwise=ChangedMeanwhile(),
        )
        _count(unit, before, delta, cause)


def _count(unit: Unit, before: Stock, delta: int, cause: Cause) -> None:
    if not before.version:
        unit.save(keys.STOCK, before.but(on_hand=delta, available=delta, entries=1), otherwise=ChangedMeanwhile())
        return
    pool: Pool = "reserved" if cause == "shipment" else "available"
    before.need(pool, -delta)
    # What was read may be older than the write. A move of goods has taken the entry's place; a reservation, the pool.
    unit.change(
        keys.STOCK,
        sku=before.sku,
        store_id=before.store_id,
        add={"on_hand": delta, pool: delta, "entries": 1},
        only_if=(at_least(pool, -delta),),
    )
