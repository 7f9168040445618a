"""Goods in and out: what the catalog knows of the SKUs, and the store's stock."""

from souk.domains.catalog import store as catalog
from souk.domains.inventory import actions as inventory
from souk.domains.inventory.model import StockDocument, StockDocumentDraft, need_known
from souk.domains.stores import store as stores
from souk.kernel.caller import Caller
from souk.table import ask
from souk.table.again import again
from souk.table.unit import Unit


def post_document(draft: StockDocumentDraft, by: Caller) -> StockDocument:
    """The receipt or issue, booked once; what the catalog does not know is refused."""
    by.need_store(draft.store_id)
    stores.get(draft.store_id)
    units = draft.units()
    offers = catalog.offers(ask.many(catalog.offer_keys(units)))
    need_known(units, offers)
    products = {sku: offer.product_id for sku, offer in offers.items()}

    def once() -> StockDocument:
        with Unit() as unit:
            return inventory.post_document(unit, draft, products, by)

    return again(once)
