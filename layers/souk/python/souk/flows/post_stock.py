"""Goods in and out: what the catalog knows of the SKUs, which stores there are, and their stock."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from souk.domains.catalog.store import offers as catalog
from souk.domains.inventory.actions import documents, purchases, stocktakes, transfers
from souk.domains.inventory.model.documents import AdjustmentDraft, StockDocument, StockDocumentDraft
from souk.domains.inventory.model.purchases import PurchaseDraft, PurchaseOrder
from souk.domains.inventory.model.stock import need_known
from souk.domains.inventory.model.stocktakes import Stocktake, StocktakeDraft
from souk.domains.inventory.model.transfers import Transfer, TransferDraft
from souk.domains.stores.model.store import NoSuchStore
from souk.domains.stores.store import stores
from souk.kernel.caller import Caller
from souk.kernel.owner import need_own_store, owner_of
from souk.table.again import again
from souk.table.unit import Unit

T = TypeVar("T")


def post_document(draft: StockDocumentDraft | AdjustmentDraft, by: Caller, forced: bool = False) -> StockDocument:
    """Booked once; what the catalog does not know is refused."""
    _need_store(draft.store_id, by)
    products = _products(draft, by)
    return _once(lambda unit: documents.post_document(unit, draft, products, by, forced))


def adjust(draft: AdjustmentDraft, by: Caller) -> StockDocument:
    """What is on hand is put right; refused where orders have been promised more than is left, unless forced."""
    if draft.force:
        by.need("stock.force")
    return post_document(draft, by, forced=draft.force)


def approve_purchase(draft: PurchaseDraft, by: Caller) -> PurchaseOrder:
    _need_store(draft.store_id, by)
    products = _products(draft, by)
    return _once(lambda unit: purchases.approve_purchase(unit, draft, products, by))


def ship_transfer(draft: TransferDraft, by: Caller) -> Transfer:
    """From a store of the caller's to any other of the same owner."""
    _need_store(draft.from_store_id, by)
    if owner_of(draft.store_id) != owner_of(draft.from_store_id):
        raise NoSuchStore()
    stores.get(draft.store_id)
    return _once(lambda unit: transfers.ship_transfer(unit, draft, by))


def open_stocktake(draft: StocktakeDraft, by: Caller) -> Stocktake:
    _need_store(draft.store_id, by)
    return _once(lambda unit: stocktakes.open_stocktake(unit, draft, by))


def _need_store(store_id: str, by: Caller) -> None:
    by.need_store(store_id)
    stores.get(store_id)


def _products(draft: StockDocumentDraft | AdjustmentDraft | PurchaseDraft, by: Caller) -> Mapping[str, str]:
    """Which product each SKU is of; refused where there is none, or it is not whose store it is."""
    wanted = [line.sku for line in draft.lines]
    offers = catalog.offers_for(wanted, by)
    need_known(wanted, offers)
    for offer in offers.values():
        need_own_store(draft.store_id, offer.merchant_id)
    return {sku: offer.product_id for sku, offer in offers.items()}


def _once(command: Callable[[Unit], T]) -> T:
    def commit() -> T:
        with Unit() as unit:
            return command(unit)

    return again(commit)
