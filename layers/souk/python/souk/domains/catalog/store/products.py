"""Products, as they are asked for."""

from souk.domains.catalog.model.listing import ListingEntry
from souk.domains.catalog.model.product import NoSuchProduct, Product
from souk.domains.catalog.model.sheet import ProductCard
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns


def get(product_id: str) -> Product:
    return ask.get(keys.PRODUCT, Product, NoSuchProduct, product_id=product_id)


def get_for(product_id: str, by: Caller) -> Product:
    found = get(product_id)
    found.need_scope(by)
    return found


def with_status(
    status: str, limit: int, position: str | None, merchant_id: str | None = None
) -> tuple[list[ProductCard], str | None]:
    """Of everybody, or of one merchant."""
    if merchant_id:
        of = {"merchant_id": merchant_id, "status": status}
        rows = ask.ask(patterns.PRODUCTS_OF_MERCHANT, limit=limit, position=position, **of)
    else:
        rows = ask.ask(patterns.PRODUCTS_BY_STATUS, status=status, limit=limit, position=position)
    return rows.all(keys.PRODUCT, ProductCard), rows.position


def history(product_id: str, limit: int, position: str | None) -> tuple[list[ListingEntry], str | None]:
    rows = ask.ask(patterns.LISTING_HISTORY, product_id=product_id, limit=limit, position=position)
    return rows.all(keys.LISTING_ENTRY, ListingEntry), rows.position
