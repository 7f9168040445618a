"""Stocktakes, as they are asked for."""

from collections.abc import Iterable

from souk.domains.inventory.model.stock import Stock
from souk.domains.inventory.model.stocktakes import Stocktake, StocktakeCard, StocktakeLine, Which
from souk.domains.inventory.store.stock import at_store, of_store
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns

_LOOKED_THROUGH = 200  # lines of a stocktake that one page looks through for those that are asked for


def find_stocktake(stocktake_id: str) -> Stocktake | None:
    return ask.find(keys.STOCKTAKE, Stocktake, stocktake_id=stocktake_id)


def get_stocktake(stocktake_id: str) -> Stocktake:
    return ask.get(keys.STOCKTAKE, Stocktake, stocktake_id=stocktake_id)


def stocktake_for(stocktake_id: str, by: Caller) -> Stocktake:
    """The stocktake, if it is of one of the caller's stores."""
    found = get_stocktake(stocktake_id)
    by.need_store(found.store_id)
    return found


def stocktakes(store_id: str, limit: int, position: str | None) -> tuple[list[StocktakeCard], str | None]:
    rows = ask.ask(patterns.STOCKTAKES, limit=limit, position=position, store_id=store_id)
    return rows.all(keys.STOCKTAKE, StocktakeCard), rows.position


def to_freeze(stocktake: Stocktake, limit: int) -> tuple[list[Stock], str | None]:
    """The next stocks that it is about, from its own position on."""
    if stocktake.skus is None:
        return of_store(stocktake.store_id, limit, stocktake.position)
    first = int(stocktake.position or 0)
    found = at_store(stocktake.store_id, stocktake.skus[first : first + limit])
    return list(found.values()), str(first + limit) if first + limit < len(stocktake.skus) else None


def stocktake_lines_of(stocktake_id: str, skus: Iterable[str]) -> dict[str, StocktakeLine]:
    rows = ask.many(ask.key(keys.STOCKTAKE_LINE, stocktake_id=stocktake_id, sku=sku) for sku in skus)
    return {line.sku: line for line in rows.all(keys.STOCKTAKE_LINE, StocktakeLine)}


def stocktake_lines(
    stocktake_id: str, limit: int, position: str | None, which: Which = "all"
) -> tuple[list[StocktakeLine], str | None]:
    """By SKU; of some only, a page may hold fewer than asked, or none, and another come after it."""
    looked_through = limit if which == "all" else _LOOKED_THROUGH
    rows = ask.ask(patterns.STOCKTAKE_LINES, limit=looked_through, position=position, stocktake_id=stocktake_id)
    rows = rows.where(StocktakeLine, lambda line: line.is_among(which), limit)
    return rows.all(keys.STOCKTAKE_LINE, StocktakeLine), rows.position
