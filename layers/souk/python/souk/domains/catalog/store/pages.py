"""Product pages, as they are asked for: all that lies with one product."""

from souk.domains.catalog.model.page import ProductPage
from souk.domains.catalog.model.product import NoSuchProduct, Product
from souk.domains.catalog.model.shelf import ShelfEntry
from souk.domains.catalog.model.sku import Sku, SkuState
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns


def page(product_id: str) -> ProductPage:
    rows = ask.ask(patterns.PRODUCT_PAGE, product_id=product_id)
    product, shelf = rows.one(keys.PRODUCT, Product), rows.one(keys.SHELF_ENTRY, ShelfEntry)
    if product is None or shelf is None:
        raise NoSuchProduct()
    return ProductPage(product, product.in_order(rows.all(keys.SKU, Sku)), rows.all(keys.SKU_STATE, SkuState), shelf)


def page_for(product_id: str, by: Caller) -> ProductPage:
    """The same for staff who have its goods before them."""
    found = page(product_id)
    found.product.need_scope(by)
    return found


def skus(product_id: str) -> list[Sku]:
    """All that the product has or had; none where it is gone."""
    return ask.ask(patterns.PRODUCT_PAGE, product_id=product_id).all(keys.SKU, Sku)


def state(product_id: str, sku: str) -> SkuState:
    found = ask.find(keys.SKU_STATE, SkuState, product_id=product_id, sku=sku)
    return found or SkuState(product_id=product_id, sku=sku, in_stock=False)
