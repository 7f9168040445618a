"""Products, offers, shelves and categories, as they are asked for."""

from collections.abc import Iterable, Mapping, MutableMapping, Set
from datetime import timedelta
from typing import Literal
from weakref import WeakKeyDictionary

from souk.domains.catalog.model.attributes import NoSuchProductType, ProductType
from souk.domains.catalog.model.category import Category, Tree, TreeLock
from souk.domains.catalog.model.imports import (
    Import,
    ImportCount,
    ImportedRows,
    ImportProgress,
    NoSuchImport,
    Outcome,
    RowOutcome,
    progress,
)
from souk.domains.catalog.model.listing import ListingEntry, ShelfCard, ShelfEntry, ShelfPlace
from souk.domains.catalog.model.media import Upload
from souk.domains.catalog.model.page import ProductPage
from souk.domains.catalog.model.product import NoSuchProduct, Product, ProductCard, ProductClaim, ProductSheet
from souk.domains.catalog.model.sku import Offer, Sku, SkuClaim, SkuState
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.kept import kept
from souk.table import ask, keys, patterns
from souk.table.ask import Rows
from souk.table.current import table
from souk.table.port import At, Table

Sort = Literal["newest", "price_asc", "price_desc", "name"]
SHELVES: dict[Sort, patterns.Pattern] = {
    "newest": patterns.SHELF,
    "price_asc": patterns.SHELF_BY_PRICE,
    "price_desc": patterns.SHELF_BY_PRICE_DOWN,
    "name": patterns.SHELF_BY_NAME,
}
_LOOKED_THROUGH = 200  # places in the order of a list that one page looks through for those with the facets
_MOST_KNOWN = 10_000
_known: MutableMapping[Table, dict[str, SkuClaim]] = WeakKeyDictionary()


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


def sheet(product_id: str, by: Caller) -> ProductSheet:
    """As staff see it, with its attributes in the order that its type has now."""
    found = page_for(product_id, by)
    product = found.product
    if product.type_id:
        product = product.but(attributes=product_type(product.type_id).in_order(product.attributes))
    return product.sheet(found.skus)


def skus(product_id: str) -> list[Sku]:
    """All that the product has or had; none where it is gone."""
    return ask.ask(patterns.PRODUCT_PAGE, product_id=product_id).all(keys.SKU, Sku)


def costs(products: Mapping[str, str]) -> dict[str, int]:
    """What a unit of each SKU costs the shop, by its product; what nobody knows is left out."""
    found = ask.many(ask.key(keys.SKU, product_id=product_id, sku=sku) for sku, product_id in products.items())
    return {sku.sku: sku.cost_minor for sku in found.all(keys.SKU, Sku) if sku.cost_minor is not None}


def state(product_id: str, sku: str) -> SkuState:
    found = ask.find(keys.SKU_STATE, SkuState, product_id=product_id, sku=sku)
    return found or SkuState(product_id=product_id, sku=sku, in_stock=False)


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


def upload(upload_id: str) -> Upload | None:
    return ask.find(keys.UPLOAD, Upload, upload_id=upload_id)


def find_import(import_id: str) -> Import | None:
    return ask.find(keys.IMPORT, Import, import_id=import_id)


def get_import(import_id: str) -> Import:
    return ask.get(keys.IMPORT, Import, NoSuchImport, import_id=import_id)


def import_progress(import_id: str) -> ImportProgress:
    job = get_import(import_id)
    return progress(job, ask.ask(patterns.IMPORT_COUNTS, import_id=import_id).all(keys.IMPORT_COUNT, ImportCount))


def imported_rows(
    import_id: str, outcome: Outcome, limit: int, position: str | None
) -> tuple[list[RowOutcome], str | None]:
    """In the order of the file; `position` is the part that the page before ended in, and its last row.

    Only those that failed have an index.
    """
    part, last = map(int, (position or "0.0").split("."))
    pattern = patterns.IMPORT_FAILURES if outcome == "failed" else patterns.IMPORTED_ROWS
    parts = ask.ask(pattern, import_id=import_id, since=f"{part:07d}", limit=_LOOKED_THROUGH)
    found = parts.all(keys.IMPORTED_ROWS, ImportedRows)
    rows = [(one.number, row) for one in found for row in one.with_outcome(outcome) if row.row > last]
    page = [row for _, row in rows[:limit]]
    if len(rows) > limit:
        return page, f"{rows[limit - 1][0]}.{page[-1].row}"
    return page, f"{found[-1].number}.{found[-1].last}" if parts.position else None


def claims(code: str, skus: Iterable[str]) -> tuple[str | None, dict[str, str]]:
    """The product with that code, and the products that own these SKUs; what nobody has claimed is left out."""
    wanted = [ask.key(keys.PRODUCT_CLAIM, code=code), *(ask.key(keys.SKU_CLAIM, sku=sku) for sku in skus)]
    rows = ask.many(wanted)
    product = rows.one(keys.PRODUCT_CLAIM, ProductClaim)
    owners = {one.sku: one.product_id for one in rows.all(keys.SKU_CLAIM, SkuClaim)}
    return (product.product_id if product else None), owners


def has_imported(import_id: str, number: int) -> bool:
    return ask.find(keys.IMPORTED_ROWS, ImportedRows, import_id=import_id, number=number) is not None


def product_types() -> list[ProductType]:
    return ask.ask(patterns.PRODUCT_TYPES).all(keys.PRODUCT_TYPE, ProductType)


def product_type(type_id: str) -> ProductType:
    return ask.get(keys.PRODUCT_TYPE, ProductType, NoSuchProductType, type_id=type_id)


@kept(timedelta(seconds=20))
def type_at_hand(type_id: str) -> ProductType:
    """As product pages show it: at most twenty seconds old."""
    return product_type(type_id)


def tree() -> Tree:
    return Tree(ask.ask(patterns.CATEGORY_TREE).all(keys.CATEGORY, Category))


def paths_of(product_ids: Iterable[str]) -> dict[str, list[str]]:
    """The categories that each product stands in, the nearest first; a product that is gone is left out."""
    products = ask.many(ask.key(keys.PRODUCT, product_id=one) for one in product_ids).all(keys.PRODUCT, Product)
    categories = tree()
    return {one.product_id: categories.path(one.category_id) for one in products}


def tree_lock() -> TreeLock:
    return ask.find(keys.TREE_LOCK, TreeLock) or TreeLock()


def below(
    category_id: str,
    sort: Sort,
    language: str,
    limit: int,
    position: str | None,
    hide_sold_out: bool = False,
    facets: Set[str] = frozenset(),
) -> tuple[list[ShelfCard], str | None]:
    """A page of what is listed in the category and all below it: a query of each shelf that has products, merged.

    The indexes tell the order, the entries are read from the table itself: what was taken off a moment ago is not
    shown, and prices are those of this moment. So a page may hold less than `limit`, and another come after it.
    Facets stand in the indexes too: of so many places, only those that have them all are read.
    """
    categories = tree()
    subtree = categories.subtree(categories.get(category_id))
    shelves = [one.category_id for one in subtree if one.products]
    partitions = [{"category_id": category_id} for category_id in shelves]
    rows = ask.together(SHELVES[sort], partitions, limit=_LOOKED_THROUGH if facets else limit, position=position)
    if facets:
        rows = rows.where(ShelfPlace, lambda place: facets <= set(place.facets), limit)
    places = rows.all(keys.SHELF_ENTRY, ShelfPlace)
    now = clock.now()
    fresh = ask.many(ask.key(keys.SHELF_ENTRY, product_id=place.product_id) for place in places)
    entries = {
        entry.product_id: entry
        for entry in fresh.all(keys.SHELF_ENTRY, ShelfEntry)
        if entry.shelf in shelves and entry.is_open(now) and (entry.in_stock or not hide_sold_out)
    }
    return [entries[one.product_id].card(language) for one in places if one.product_id in entries], rows.position


def offer_keys(skus: Iterable[str]) -> list[At]:
    """For a batch read: the products and SKUs that `offers` is made of; unknown SKUs are left out."""
    return [
        at
        for sku, claim in _claims_of(skus).items()
        for at in (
            ask.key(keys.PRODUCT, product_id=claim.product_id),
            ask.key(keys.SKU, product_id=claim.product_id, sku=sku),
        )
    ]


def owners_of(skus: Iterable[str]) -> dict[str, str | None]:
    """Whose goods they are; unknown SKUs are left out."""
    return {sku: claim.merchant_id for sku, claim in _claims_of(skus).items()}


def offers(rows: Rows) -> dict[str, Offer]:
    """By SKU, from a batch read of `offer_keys`."""
    products = {product.product_id: product for product in rows.all(keys.PRODUCT, Product)}
    return {sku.sku: _offer(products[sku.product_id], sku) for sku in rows.all(keys.SKU, Sku)}


def offers_for(skus: Iterable[str], by: Caller) -> dict[str, Offer]:
    """Those that staff have before them."""
    found = offers(ask.many(offer_keys(skus)))
    return {sku: one for sku, one in found.items() if by.sees_goods_of(one.merchant_id)}


def _offer(product: Product, sku: Sku) -> Offer:
    return Offer(
        sku=sku.sku,
        product_id=product.product_id,
        merchant_id=product.merchant_id,
        category_id=product.category_id,
        name=product.name,
        options=sku.options,
        price_minor=sku.price_minor or 0,
        currency=product.currency,
        weight_g=sku.weight_g,
        image=sku.image or product.image,
        sellable=product.on_sale(clock.now()) and sku.sellable,
    )


def _claims_of(skus: Iterable[str]) -> dict[str, SkuClaim]:
    """A SKU never moves to another product, so a process asks for each but once; unknown ones are left out."""
    wanted, known = list(dict.fromkeys(skus)), _known.setdefault(table(), {})
    if len(known) > _MOST_KNOWN:
        known.clear()
    unasked = ask.many(ask.key(keys.SKU_CLAIM, sku=sku) for sku in wanted if sku not in known)
    known.update({claim.sku: claim for claim in unasked.all(keys.SKU_CLAIM, SkuClaim)})
    return {sku: known[sku] for sku in wanted if sku in known}
