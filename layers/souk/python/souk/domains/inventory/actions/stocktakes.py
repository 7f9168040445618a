"""What is done with stocktakes: opened, counted by several people at once, and posted bit by bit.

Freezing and posting thousands of lines are done by whoever hears that they are due, in transactions of some lines
each that move the stocktake on; so they may break off anywhere, and be done by two at once.
"""

from collections.abc import Callable, Mapping

from souk.domains.inventory.actions import ledger
from souk.domains.inventory.actions.ledger import Move
from souk.domains.inventory.events import StocktakeCounted, StocktakeOpened, StocktakePosted
from souk.domains.inventory.model.stock import InsufficientStock, NotStocked, Stock
from souk.domains.inventory.model.stocktakes import (
    FROZEN_AT_ONCE,
    POSTED_AT_ONCE,
    STATES,
    CountDraft,
    NotCounted,
    Stocktake,
    StocktakeDraft,
    StocktakeLine,
    frozen,
)
from souk.domains.inventory.store import stock as store
from souk.domains.inventory.store import stocktakes as stocktake_store
from souk.kernel import clock, ids, states
from souk.kernel.caller import Caller
from souk.kernel.shapes import units_by_sku
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import version
from souk.table.unit import ChangedMeanwhile, Contended, Unit

_MOST_STEPS = 2_000


def open_stocktake(unit: Unit, draft: StocktakeDraft, by: Caller) -> Stocktake:
    """One for each reference of the store; it can be counted once its lines are frozen. Said again, that goes on."""
    stocktake_id = ids.derived("stk", draft.store_id, draft.reference)
    skus = tuple(sorted(set(draft.skus))) if draft.skus else None
    said = draft.model_dump(exclude={"skus"})
    stocktake = Stocktake(stocktake_id=stocktake_id, skus=skus, at=clock.now(), by=by.id, **said)
    found = stocktake_store.find_stocktake(stocktake_id)
    if found:
        found.need_same(stocktake)
        if found.status != "opening":
            return found
    elif missing := sorted(set(skus or ()) - store.at_store(draft.store_id, skus or ()).keys()):
        raise NotStocked(skus=missing)
    unit.tell(StocktakeOpened(stocktake_id=stocktake_id, store_id=draft.store_id))
    return found or unit.save(keys.STOCKTAKE, stocktake, otherwise=ChangedMeanwhile())


def count(stocktake_id: str, draft: CountDraft, by: Caller) -> list[StocktakeLine]:
    """The lines as they are counted now. Who counts a line again says what is there then: the last one holds."""
    found = units_by_sku((line.sku, line.counted) for line in draft.lines)

    def enter() -> list[StocktakeLine]:
        stocktake = stocktake_store.stocktake_for(stocktake_id, by)
        stocktake.need_open()
        lines = stocktake_store.stocktake_lines_of(stocktake_id, found)
        if unknown := sorted(found.keys() - lines.keys()):
            raise NotCounted(skus=unknown)
        new = {sku: units for sku, units in found.items() if not lines[sku].has(draft.reference, units)}
        if not new:
            return [lines[sku] for sku in found]
        kept, now = store.at_store(stocktake.store_id, new), clock.now()
        with Unit() as unit:
            unit.check(
                keys.STOCKTAKE, version(stocktake.version), otherwise=ChangedMeanwhile(), stocktake_id=stocktake_id
            )
            for sku, units in new.items():
                counted = lines[sku].counted(units, kept[sku], draft.reference, now, by.id)
                lines[sku] = unit.save(keys.STOCKTAKE_LINE, counted)
        return [lines[sku] for sku in found]

    return again(enter)


def end_stocktake(stocktake_id: str, by: Caller) -> Stocktake:
    """Nobody counts any more, and what was counted is posted; said again meanwhile, it goes on."""

    def end() -> Stocktake:
        stocktake = stocktake_store.stocktake_for(stocktake_id, by)
        with Unit() as unit:
            unit.tell(StocktakeCounted(stocktake_id=stocktake_id, store_id=stocktake.store_id))
            if stocktake.status == "posting":
                return stocktake
            return _move(unit, stocktake, "posting", posted_at=clock.now(), posted_by=by.id)

    return again(end)


def cancel_stocktake(stocktake_id: str, by: Caller) -> Stocktake:
    def cancel() -> Stocktake:
        with Unit() as unit:
            return _move(unit, stocktake_store.stocktake_for(stocktake_id, by), "cancelled")

    return again(cancel)


def freeze(stocktake_id: str) -> None:
    """Writes down what should be there, for every line."""
    _step_by_step(lambda: _freeze_some(stocktake_id))


def post(stocktake_id: str) -> None:
    """Books every difference."""
    _step_by_step(lambda: _post_some(stocktake_id))


def _step_by_step(step: Callable[[], bool]) -> None:
    """Until a step says that there is nothing left to do."""
    for _ in range(_MOST_STEPS):
        if not again(step):
            return
    raise Contended()


def _freeze_some(stocktake_id: str) -> bool:
    stocktake = stocktake_store.get_stocktake(stocktake_id)
    if stocktake.status != "opening":
        return False
    stocks, position = stocktake_store.to_freeze(stocktake, FROZEN_AT_ONCE)
    with Unit() as unit:
        for stock in stocks:
            unit.save(keys.STOCKTAKE_LINE, frozen(stocktake_id, stock), otherwise=ChangedMeanwhile())
        lines = stocktake.lines + len(stocks)
        if position:
            unit.save(keys.STOCKTAKE, stocktake.but(lines=lines, position=position))
        else:
            _move(unit, stocktake, "open", lines=lines)
    return position is not None


def _post_some(stocktake_id: str) -> bool:
    stocktake = stocktake_store.get_stocktake(stocktake_id)
    if stocktake.status != "posting":
        return False
    lines, position = stocktake_store.stocktake_lines(stocktake_id, POSTED_AT_ONCE, stocktake.position)
    counted = {line.sku: line for line in lines if line.difference}
    kept = store.at_store(stocktake.store_id, counted)
    settled = stocktake.but(settled=stocktake.settled + len(lines), differences=stocktake.differences + len(counted))
    with Unit() as unit:
        _book(unit, settled, counted, kept)
        if position:
            unit.save(keys.STOCKTAKE, settled.but(position=position))
        else:
            unit.tell(
                StocktakePosted(
                    stocktake_id=stocktake_id,
                    store_id=settled.store_id,
                    lines=settled.lines,
                    differences=settled.differences,
                )
            )
            _move(unit, settled, "posted")
    return position is not None


def _book(unit: Unit, stocktake: Stocktake, lines: Mapping[str, StocktakeLine], kept: Mapping[str, Stock]) -> None:
    """What is not there cannot be shipped to anybody, so a count is posted also where the goods are promised."""
    corrections = {sku: line.correction(kept[sku]) for sku, line in lines.items()}
    for sku, line in lines.items():
        unit.save(keys.STOCKTAKE_LINE, line.but(posted=corrections[sku]))
    deltas = {sku: delta for sku, delta in corrections.items() if delta}
    if deltas:
        move = Move("stocktake", stocktake.stocktake_id, stocktake.posted_by or stocktake.by, clock.now())
        try:
            ledger.book(unit, stocktake.store_id, deltas, move, forced=True)
        except InsufficientStock:  # more has left since a moment ago: the next look corrects by less
            raise ChangedMeanwhile() from None


def _move(unit: Unit, stocktake: Stocktake, to: str, **changes: object) -> Stocktake:
    status = states.move(STATES, stocktake.status, to, f"Stocktake {stocktake.reference}")
    return unit.save(keys.STOCKTAKE, stocktake.but(status=status, position=None, **changes))
