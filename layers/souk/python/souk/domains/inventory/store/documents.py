"""Documents of stock, as they are asked for."""

from souk.domains.inventory.model.documents import StockDocument, StockDocumentCard
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns


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
