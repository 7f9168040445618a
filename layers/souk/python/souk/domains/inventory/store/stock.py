"""Stock and its ledger, as they are asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from souk.domains.inventory.model.stock import Stock, StockEntry, StockPlace
from souk.table import ask, keys, patterns
from souk.table.ask import Rows
from souk.table.port import At


def stock_keys(skus: Iterable[str], store_ids: Iterable[str]) -> list[At]:
    """For a batch read: every one of the SKUs in every one of the stores."""
    stores = list(store_ids)
    return [ask.key(keys.STOCK, sku=sku, store_id=store_id) for sku in skus for store_id in stores]


def stocks(rows: Rows) -> dict[tuple[str, str], Stock]:
    """By SKU and store, from a batch read of `stock_keys`."""
    return {(stock.sku, stock.store_id): stock for stock in rows.all(keys.STOCK, Stock)}


def of_sku(sku: str) -> list[Stock]:
    return ask.ask(patterns.STOCK_OF_SKU, sku=sku).all(keys.STOCK, Stock)


def at_store(store_id: str, skus: Iterable[str]) -> dict[str, Stock]:
    found = stocks(ask.many(stock_keys(skus, [store_id])))
    return {stock.sku: stock for stock in found.values()}


def find(sku: str, store_id: str) -> Stock | None:
    return ask.find(keys.STOCK, Stock, sku=sku, store_id=store_id)


def get(sku: str, store_id: str) -> Stock:
    return ask.get(keys.STOCK, Stock, sku=sku, store_id=store_id)


def of_store(store_id: str, limit: int, position: str | None) -> tuple[list[Stock], str | None]:
    """The numbers change too often to stand in the index: it names the SKUs, a batch read brings the stock."""
    page = ask.ask(patterns.STOCK_OF_STORE, limit=limit, position=position, store_id=store_id)
    found = at_store(store_id, [place.sku for place in page.all(keys.STOCK, StockPlace)])
    return [found[sku] for sku in sorted(found)], page.position


def ledger(sku: str, store_id: str, limit: int, position: str | None) -> tuple[list[StockEntry], str | None]:
    rows = ask.ask(patterns.STOCK_LEDGER, limit=limit, position=position, sku=sku, store_id=store_id)
    return rows.all(keys.STOCK_ENTRY, StockEntry), rows.position


def on_hand_at(stocks: Sequence[Stock], moment: datetime) -> dict[tuple[str, str], int]:
    """What was on hand then, by SKU and store: the balance of the last entry before, looked for by halving.

    The ledgers are halved together, so that it takes as many batch reads as the longest of them has binary digits.
    An entry that was dated back counts as one of about when it was written.
    """
    low = {(stock.sku, stock.store_id): 0 for stock in stocks}
    high = {(stock.sku, stock.store_id): stock.entries for stock in stocks}
    balance = dict(low)
    for _ in range(max(high.values(), default=0).bit_length()):
        middle = {place: (low[place] + high[place] + 1) // 2 for place in low if low[place] < high[place]}
        for entry in _entries(middle):
            place = entry.sku, entry.store_id
            if entry.at < moment:
                low[place], balance[place] = entry.sequence, entry.balance
            else:
                high[place] = entry.sequence - 1
    return balance


def _entries(sequences: Mapping[tuple[str, str], int]) -> Iterator[StockEntry]:
    """One of each ledger, by its number."""
    wanted = [
        ask.key(keys.STOCK_ENTRY, sku=sku, store_id=store_id, sequence=sequence)
        for (sku, store_id), sequence in sequences.items()
    ]
    for rows in ask.in_batches(wanted):
        yield from rows.all(keys.STOCK_ENTRY, StockEntry)
