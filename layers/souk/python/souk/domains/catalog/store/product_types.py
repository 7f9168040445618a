"""Types of products, as they are asked for."""

from datetime import timedelta

from souk.domains.catalog.model.attributes import NoSuchProductType, ProductType
from souk.domains.catalog.model.sheet import ProductSheet
from souk.domains.catalog.store.pages import page_for
from souk.kernel.caller import Caller
from souk.kernel.kept import kept
from souk.table import ask, keys, patterns


def product_types() -> list[ProductType]:
    return ask.ask(patterns.PRODUCT_TYPES).all(keys.PRODUCT_TYPE, ProductType)


def product_type(type_id: str) -> ProductType:
    return ask.get(keys.PRODUCT_TYPE, ProductType, NoSuchProductType, type_id=type_id)


def sheet(product_id: str, by: Caller) -> ProductSheet:
    """As staff see it, with its attributes in the order that its type has now."""
    found = page_for(product_id, by)
    product = found.product
    if product.type_id:
        product = product.but(attributes=product_type(product.type_id).in_order(product.attributes))
    return ProductSheet.of(product, found.skus)


@kept(timedelta(seconds=20))
def type_at_hand(type_id: str) -> ProductType:
    """As product pages show it: at most twenty seconds old."""
    return product_type(type_id)
