"""What is done with products and their SKUs: they are made, edited, priced and deleted."""

from collections.abc import Mapping

from souk.domains.catalog.actions.product_types import count_type, told, used_type
from souk.domains.catalog.actions.saving import claim, count_category, present, record, save, save_skus, tell_price
from souk.domains.catalog.events import ProductDelisted
from souk.domains.catalog.model.drafts import (
    ProductDraft,
    ProductEdit,
    SkuEdit,
    ValueDraft,
    choices,
    expanded,
    need_few,
    need_unused,
)
from souk.domains.catalog.model.page import ProductPage
from souk.domains.catalog.model.product import Product
from souk.domains.catalog.model.sheet import ProductSheet
from souk.domains.catalog.model.shelf import ShelfEntry
from souk.domains.catalog.model.sku import Sku
from souk.domains.catalog.store import pages as store
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.edits import edited
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit


def create_product(draft: ProductDraft, currency: str, by: Caller) -> ProductSheet:
    """A product with all its SKUs, not listed yet: its maker's, who is the retailer or one of the merchants."""
    by.need_office()
    for sku in draft.skus:
        sku.need_permission(by)
    product_id = ids.new("prd")
    code = draft.code or f"P-{product_id[-8:]}"
    skus = expanded(product_id, code, choices(draft.options), draft.skus, draft.price_minor)

    def create() -> ProductSheet:
        kind = used_type(draft.type_id)
        said = dict(draft) | {"code": code} | told(kind, draft.attributes)
        made = {"product_id": product_id, "merchant_id": by.merchant_id, "currency": currency}
        product = Product(changed_at=clock.now(), **made, **said)
        with Unit() as unit:
            count_category(unit, None, product.category_id)
            count_type(unit, None, kind)
            saved = ProductSheet.of(save(unit, product, ShelfEntry.of(product, skus)), save_skus(unit, product, skus))
            claim(unit, product)
            return saved

    return again(create)


def edit_product(product_id: str, edit: ProductEdit, by: Caller) -> ProductSheet:
    by.need_office()

    def change() -> ProductSheet:
        page, kind = present(product_id, by), used_type(edit.type_id)
        said = dict(edit) | told(kind, edit.attributes)
        product = edited(page.product, said.pop("version"), changed_at=clock.now(), **said)
        with Unit() as unit:
            count_type(unit, page.product.type_id, kind)
            count_category(unit, page.product.category_id, product.category_id)
            return ProductSheet.of(save(unit, product, page.shelved(product, page.skus)), page.skus)

    return again(change)


def delete_product(product_id: str, by: Caller) -> ProductSheet:
    """Gone from the shop, kept for those who ask what was sold; deleting it twice is deleting it once."""
    by.need_office()

    def delete() -> ProductSheet:
        page = store.page_for(product_id, by)
        if page.product.status == "deleted":
            return ProductSheet.of(page.product, page.skus)
        product = page.product.moved("deleted", clock.now())
        with Unit() as unit:
            count_category(unit, product.category_id, None)
            count_type(unit, product.type_id, None)
            if page.product.status == "listed":
                unit.tell(ProductDelisted(product_id=product_id, reason="deleted", by=by.id))
            return ProductSheet.of(record(unit, page, product, "deleted", by.id), page.skus)

    return again(delete)


def change_sku(product_id: str, code: str, edit: SkuEdit, by: Caller) -> Sku:
    """Only what the edit names; the next read of the shop and the next quote have it."""
    by.need_office()
    edit.need_permission(by)

    def change() -> Sku:
        page = present(product_id, by)
        before = page.sku(code)
        sku = edited(before, edit.version, **{name: getattr(edit, name) for name in edit.model_fields_set})
        with Unit() as unit:
            tell_price(unit, page.product, before, sku)
            skus = [sku if one is before else one for one in page.skus]
            unit.save(keys.SHELF_ENTRY, page.shelved(page.product, skus))
            return unit.save(keys.SKU, sku)

    return again(change)


def add_value(product_id: str, option: str, draft: ValueDraft, by: Caller) -> ProductSheet:
    """One more value of an option, with a SKU for each choice that it makes possible."""
    by.need_office()
    for sku in draft.skus:
        sku.need_permission(by)

    def add() -> ProductSheet:
        page = present(product_id, by)
        product = edited(page.product.with_value(option, draft.value), draft.version, changed_at=clock.now())
        offered = [choice for choice in choices(product.options) if choice[option] == draft.value.code]
        gone = [sku for sku in page.skus if not sku.active and sku.options in offered]
        skus = expanded(product_id, product.code, offered, draft.skus, draft.price_minor, gone)
        whole = [*(sku for sku in page.skus if sku not in gone), *skus]
        need_few(whole)
        with Unit() as unit:
            saved = save(unit, product, page.shelved(product, whole))
            return ProductSheet.of(saved, [*whole[: -len(skus)], *save_skus(unit, product, skus)])

    return again(add)


def remove_value(
    unit: Unit, page: ProductPage, option: str, value: str, version: int, held: Mapping[str, int]
) -> ProductSheet:
    """Its SKUs are kept, not for sale, so that the value can come back; `held` are the units there are of each."""
    page.product.need_present()
    need_unused(held)
    product = edited(page.product.without_value(option, value), version, changed_at=clock.now())
    gone = [unit.save(keys.SKU, sku.but(active=False)) for sku in page.of_value(option, value)]
    left = [sku for sku in page.skus if sku.sku not in {one.sku for one in gone}]
    saved = save(unit, product, page.shelved(product, left))
    return ProductSheet.of(saved, [*left, *gone])
