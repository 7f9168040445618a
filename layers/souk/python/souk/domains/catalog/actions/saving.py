"""How a product is saved: with its place in the lists, its category's count, what is told of a price, its history."""

from collections.abc import Sequence

from souk.domains.catalog.events import PriceChanged
from souk.domains.catalog.model.category import UnknownCategory
from souk.domains.catalog.model.listing import Action, ListingEntry
from souk.domains.catalog.model.page import ProductPage
from souk.domains.catalog.model.product import Product, ProductClaim, ProductCodeTaken
from souk.domains.catalog.model.shelf import ShelfEntry
from souk.domains.catalog.model.sku import Sku, SkuClaim, SkuTaken
from souk.domains.catalog.store import pages as store
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.conditions import Present
from souk.table.unit import Unit


def present(product_id: str, by: Caller) -> ProductPage:
    page = store.page_for(product_id, by)
    page.product.need_present()
    return page


def record(
    unit: Unit, page: ProductPage, product: Product, action: Action, actor: str, reason: str | None = None
) -> Product:
    """Saves the product with one more line of its history."""
    saved = save(unit, product, page.shelved(product, page.skus))
    entry = ListingEntry(
        product_id=saved.product_id,
        number=saved.version,
        action=action,
        actor=actor,
        at=clock.now(),
        reason=reason,
        list_at=saved.list_at,
        delist_at=saved.delist_at,
    )
    unit.add(keys.LISTING_ENTRY, entry)
    return saved


def save(unit: Unit, product: Product, shelf: ShelfEntry) -> Product:
    unit.save(keys.SHELF_ENTRY, shelf)
    return unit.save(keys.PRODUCT, product)


def save_skus(unit: Unit, product: Product, skus: Sequence[Sku]) -> list[Sku]:
    """New SKUs claim their codes; those that were there have theirs."""
    for sku in skus:
        if not sku.version:
            mine = SkuClaim(sku=sku.sku, product_id=product.product_id, merchant_id=product.merchant_id)
            unit.add(keys.SKU_CLAIM, mine, otherwise=SkuTaken(f"{sku.sku} is in use", sku=sku.sku))
    return [unit.save(keys.SKU, sku) for sku in skus]


def claim(unit: Unit, product: Product) -> None:
    """Of a new product: its code is its own."""
    mine = ProductClaim(code=product.code, product_id=product.product_id)
    unit.add(keys.PRODUCT_CLAIM, mine, otherwise=ProductCodeTaken(f"{product.code} is in use", product=product.code))


def count_category(unit: Unit, before: str | None, after: str | None) -> None:
    """Counts what stands in a category; None is before a product is made, or after it is deleted."""
    if before == after:
        return
    for category_id, products in ((before, -1), (after, 1)):
        if category_id:
            unit.change(
                keys.CATEGORY,
                category_id=category_id,
                add={"products": products},
                only_if=(Present(),),
                otherwise=UnknownCategory(category_id=category_id),
            )


def tell_price(unit: Unit, product: Product, before: Sku, after: Sku) -> None:
    """Where the SKU has another price than before."""
    if after.price_minor != before.price_minor:
        fact = PriceChanged(
            sku=after.sku,
            product_id=product.product_id,
            old_minor=before.price_minor,
            new_minor=after.price_minor,
            currency=product.currency,
        )
        unit.tell(fact)
