"""Stock, its ledger and its documents, as they are asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from souk.domains.inventory.model.documents import StockDocument, StockDocumentCard
from souk.domains.inventory.model.purchases import PurchaseOrder
from souk.domains.inventory.model.stock import Stock, StockEntry, StockPlace
from souk.domains.inventory.model.stocktakes import Stocktake, StocktakeCard, StocktakeLine, Which
from souk.domains.inventory.model.transfers import Direction, Transfer
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.ask import Rows
from souk.table.port import At

_LOOKED_THROUGH = 200  # lines of a stocktake that one page looks through for those that are asked for


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


def find_document(document_id: str) -> StockDocument | None:
    return ask.find(keys.STOCK_DOCUMENT, StockDocument, document_id=document_id)


def document_for(document_id: str, by: Caller) -> StockDocument:
    """The document, if it is one of the caller's stores."""
    found = ask.get(keys.STOCK_DOCUMENT, StockDocument, document_id=document_id)
    by.need_store(found.store_id)
    return found


def documents(store_id: str, limit: int, position: str | None) -> tuple[list[StockDocumentCard], str | None]:
    rows = ask.ask(patterns.STOCK_DOCUMENTS, limit=limit, position=position, store_id=store_id)
    return rows.all(keys.STOCK_DOCUMENT, StockDocumentCard), rows.position


def find_transfer(transfer_id: str) -> Transfer | None:
    return ask.find(keys.TRANSFER, Transfer, transfer_id=transfer_id)


def transfer_for(transfer_id: str, by: Caller) -> Transfer:
    """The transfer, if it goes from or to one of the caller's stores."""
    found = ask.get(keys.TRANSFER, Transfer, transfer_id=transfer_id)
    if not by.in_scope(found.from_store_id):
        by.need_store(found.store_id)
    return found


def transfers(
    store_id: str, direction: Direction, status: str, limit: int, position: str | None
) -> tuple[list[Transfer], str | None]:
    """The first to be there first."""
    pattern = patterns.TRANSFERS_TO if direction == "in" else patterns.TRANSFERS_FROM
    rows = ask.ask(pattern, limit=limit, position=position, store_id=store_id, status=status).whole()
    return rows.all(keys.TRANSFER, Transfer), rows.position


def find_purchase(purchase_id: str) -> PurchaseOrder | None:
    return ask.find(keys.PURCHASE_ORDER, PurchaseOrder, purchase_id=purchase_id)


def purchase_for(purchase_id: str, by: Caller) -> PurchaseOrder:
    """The purchase order, if it is for one of the caller's stores."""
    found = ask.get(keys.PURCHASE_ORDER, PurchaseOrder, purchase_id=purchase_id)
    by.need_store(found.store_id)
    return found


def purchases(store_id: str, status: str, limit: int, position: str | None) -> tuple[list[PurchaseOrder], str | None]:
    """The first to be there first."""
    rows = ask.ask(patterns.PURCHASES, limit=limit, position=position, store_id=store_id, status=status).whole()
    return rows.all(keys.PURCHASE_ORDER, PurchaseOrder), rows.position


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
