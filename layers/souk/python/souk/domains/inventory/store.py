"""Stock, its ledger and its documents, as they are asked for."""

from collections.abc import Iterable

from souk.domains.inventory.model import Stock, StockDocument, StockDocumentCard, StockEntry, StockPlace
from souk.kernel.caller import Caller
from souk.kernel.errors import Missing
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


def find_document(document_id: str) -> StockDocument | None:
    return ask.find(keys.STOCK_DOCUMENT, StockDocument, document_id=document_id)


def document_for(document_id: str, by: Caller) -> StockDocument:
    """The document, if it is one of the caller's stores."""
    found = find_document(document_id)
    if found is None or not by.in_scope(found.store_id):
        raise Missing()
    return found


def documents(store_id: str, limit: int, position: str | None) -> tuple[list[StockDocumentCard], str | None]:
    rows = ask.ask(patterns.STOCK_DOCUMENTS, limit=limit, position=position, store_id=store_id)
    return rows.all(keys.STOCK_DOCUMENT, StockDocumentCard), rows.position
