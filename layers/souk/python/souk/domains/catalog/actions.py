"""What is done with products and categories: they are made, edited, priced, put on the shelf and taken off it."""

from collections.abc import Callable, Mapping, Sequence

from souk.domains.catalog import store
from souk.domains.catalog.events import ListingTimed, PriceChanged, ProductDelisted, ProductListed
from souk.domains.catalog.model.category import Category, CategoryDraft, CategoryEdit, Tree, UnknownCategory
from souk.domains.catalog.model.editing import edited
from souk.domains.catalog.model.listing import Action, ListingEntry, NothingToSell, Plan, ShelfEntry
from souk.domains.catalog.model.page import ProductPage
from souk.domains.catalog.model.product import (
    STATES,
    Listing,
    Product,
    ProductDraft,
    ProductEdit,
    ProductSheet,
    ValueDraft,
    choices,
    need_few,
    need_unused,
)
from souk.domains.catalog.model.sku import Sku, SkuClaim, SkuEdit, SkuState, SkuTaken, expanded
from souk.gateways import scheduler
from souk.kernel import clock, ids, states
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import Present
from souk.table.unit import ChangedMeanwhile, Unit

SCHEDULER = "scheduler"


def create_product(draft: ProductDraft, currency: str, by: Caller) -> ProductSheet:
    """A product with all its SKUs, not listed yet. Products are head office's."""
    by.need_store(None)
    product_id = ids.new("prd")
    said = dict(draft) | {"code": draft.code or f"P-{product_id[-8:]}"}
    product = Product(product_id=product_id, currency=currency, changed_at=clock.now(), **said)
    skus = expanded(product_id, product.code, choices(draft.options), draft.skus, draft.price_minor)
    with Unit() as unit:
        _count(unit, product.category_id, 1)
        saved = _save(unit, product, ShelfEntry.of(product, skus))
        return saved.sheet(_save_skus(unit, skus))


def edit_product(product_id: str, edit: ProductEdit, by: Caller) -> ProductSheet:
    by.need_store(None)

    def change() -> ProductSheet:
        page = _present(product_id)
        said = dict(edit)
        product = edited(page.product, said.pop("version"), changed_at=clock.now(), **said)
        with Unit() as unit:
            if product.category_id != page.product.category_id:
                _count(unit, page.product.category_id, -1)
                _count(unit, product.category_id, 1)
            return _save(unit, product, page.shelved(product, page.skus)).sheet(page.skus)

    return again(change)


def delete_product(product_id: str, by: Caller) -> ProductSheet:
    """Gone from the shop, kept for those who ask what was sold; deleting it twice is deleting it once."""
    by.need_store(None)

    def delete() -> ProductSheet:
        page = store.page(product_id)
        if page.product.status == "deleted":
            return page.product.sheet(page.skus)
        product = page.product.moved("deleted", clock.now())
        with Unit() as unit:
            _count(unit, product.category_id, -1)
            if page.product.status == "listed":
                unit.tell(ProductDelisted(product_id=product_id, reason="deleted", by=by.id))
            return _record(unit, page, product, "deleted", by.id).sheet(page.skus)

    return again(delete)


def change_sku(product_id: str, code: str, edit: SkuEdit, by: Caller) -> Sku:
    """Only what the edit names; the next read of the shop and the next quote have it."""
    by.need_store(None)

    def change() -> Sku:
        page = _present(product_id)
        before = page.sku(code)
        sku = edited(before, edit.version, **{name: getattr(edit, name) for name in edit.model_fields_set})
        with Unit() as unit:
            if sku.price_minor != before.price_minor:
                unit.tell(
                    PriceChanged(
                        sku=code,
                        product_id=product_id,
                        old_minor=before.price_minor,
                        new_minor=sku.price_minor,
                        currency=page.product.currency,
                    )
                )
            skus = [sku if one is before else one for one in page.skus]
            unit.save(keys.SHELF_ENTRY, page.shelved(page.product, skus))
            return unit.save(keys.SKU, sku)

    return again(change)


def add_value(product_id: str, option: str, draft: ValueDraft, by: Caller) -> ProductSheet:
    """One more value of an option, with a SKU for each choice that it makes possible."""
    by.need_store(None)

    def add() -> ProductSheet:
        page = _present(product_id)
        product = edited(page.product.with_value(option, draft.value), draft.version, changed_at=clock.now())
        offered = [choice for choice in choices(product.options) if choice[option] == draft.value.code]
        gone = [sku for sku in page.skus if not sku.active and sku.options in offered]
        skus = expanded(product_id, product.code, offered, draft.skus, draft.price_minor, gone)
        whole = [*(sku for sku in page.skus if sku not in gone), *skus]
        need_few(whole)
        with Unit() as unit:
            saved = _save(unit, product, page.shelved(product, whole))
            return saved.sheet([*whole[: -len(skus)], *_save_skus(unit, skus)])

    return again(add)


def remove_value(
    unit: Unit, page: ProductPage, option: str, value: str, version: int, held: Mapping[str, int], by: Caller
) -> ProductSheet:
    """Its SKUs are kept, not for sale, so that the value can come back; `held` are the units there are of each."""
    by.need_store(None)
    page.product.need_present()
    need_unused(held)
    product = edited(page.product.without_value(option, value), version, changed_at=clock.now())
    gone = [unit.save(keys.SKU, sku.but(active=False)) for sku in page.of_value(option, value)]
    left = [sku for sku in page.skus if sku.sku not in {one.sku for one in gone}]
    saved = _save(unit, product, page.shelved(product, left))
    return saved.sheet([*left, *gone])


def create_category(draft: CategoryDraft, by: Caller) -> Category:
    by.need_store(None)
    return _place(lambda tree: Category(category_id=ids.new("cat"), **dict(draft)))


def edit_category(category_id: str, edit: CategoryEdit, by: Caller) -> Category:
    """With another parent the category moves there with all that is below it."""
    by.need_store(None)
    said = dict(edit)
    return _place(lambda tree: edited(tree.get(category_id), edit.version, **said))


def list_product(product_id: str, by: Caller, reason: str | None = None) -> Listing:
    """On the shelf and for sale; nothing happens where it is there already."""
    by.need_store(None)

    def put() -> Listing:
        page = store.page(product_id)
        if page.product.status == "listed":
            return page.product.listing()
        page.need_goods()
        with Unit() as unit:
            return _put_on_shelf(unit, page, by.id, reason).listing()

    return again(put)


def delist_product(product_id: str, by: Caller, reason: str) -> Listing:
    """Off the shelf and not for sale; orders are what they are. Nothing happens where it is off already."""
    by.need_store(None)

    def take_off() -> Listing:
        page = store.page(product_id)
        if page.product.status == "delisted":
            return page.product.listing()
        product = page.product.moved("delisted", clock.now())
        with Unit() as unit:
            unit.tell(ProductDelisted(product_id=product_id, reason=reason, by=by.id))
            return _record(unit, page, product, "delisted", by.id, reason).listing()

    return again(take_off)


def plan_listing(product_id: str, plan: Plan, by: Caller) -> Listing:
    """It will be listed by itself at that time, which takes the place of any planned before."""
    by.need_store(None)
    plan.need_to_come(clock.now())

    def time() -> Listing:
        page = store.page(product_id)
        states.move(STATES, page.product.status, "listed", f"Product {page.product.code}")
        page.need_goods()
        if page.product.list_at == plan.list_at:
            return page.product.listing()
        return _time(page, page.product.but(list_at=plan.list_at), "planned", by.id)

    return again(time)


def cancel_plan(product_id: str, by: Caller) -> Listing:
    by.need_store(None)

    def cancel() -> Listing:
        page = store.page(product_id)
        if page.product.list_at is None:
            return page.product.listing()
        return _time(page, page.product.but(list_at=None), "unplanned", by.id)

    return again(cancel)


def time_listing(fact: ListingTimed, unit: Unit) -> None:
    """Sets, moves or drops the timer by the plan as it stands now, so facts may come twice and in any order."""
    name, list_at = f"list-{fact.product_id}", store.get(fact.product_id).list_at
    if list_at is None:
        scheduler.drop_timer(name)
    else:
        scheduler.set_timer(name, max(list_at, clock.now()), "apply_listing", {"product_id": fact.product_id})


def apply_listing(product_id: str) -> None:
    """What the timer does: the plan as it stands now decides, so it may fire twice, early or in vain."""

    def apply() -> None:
        page = store.page(product_id)
        if not page.product.is_due(clock.now()):
            return
        with Unit() as unit:
            if page.has_goods:
                _put_on_shelf(unit, page, SCHEDULER)
            else:
                unplanned = page.product.but(list_at=None)
                _record(unit, page, unplanned, "not_listed", SCHEDULER, NothingToSell.title)

    again(apply)


def show_stock(unit: Unit, before: SkuState, available: int) -> None:
    """What everybody may know of the stock, of a SKU whose state was read before its stock.

    The state is written even where it says the same: of two that look at once, the one with the older stock then finds
    it changed and looks again. So is the shelf whenever a SKU runs out or is back: of two that are the product's last,
    each would take the other for the one that is left.
    """
    after = before.but(in_stock=available > 0, available=available)
    unit.save(keys.SKU_STATE, after, ChangedMeanwhile())
    if after.in_stock != before.in_stock:
        page = store.page(before.product_id).with_state(after)
        unit.save(keys.SHELF_ENTRY, page.shelved(page.product, page.skus))


def _present(product_id: str) -> ProductPage:
    page = store.page(product_id)
    page.product.need_present()
    return page


def _put_on_shelf(unit: Unit, page: ProductPage, actor: str, reason: str | None = None) -> Product:
    now = clock.now()
    unit.tell(ProductListed(product_id=page.product.product_id, by=actor))
    return _record(unit, page, page.product.moved("listed", now).but(listed_at=now), "listed", actor, reason)


def _time(page: ProductPage, product: Product, action: Action, actor: str) -> Listing:
    """Saves another plan; who hears of it sets the timer."""
    with Unit() as unit:
        unit.tell(ListingTimed(product_id=product.product_id, list_at=product.list_at))
        return _record(unit, page, product, action, actor).listing()


def _record(
    unit: Unit, page: ProductPage, product: Product, action: Action, actor: str, reason: str | None = None
) -> Product:
    """Saves the product with one more line of its history."""
    saved = _save(unit, product, page.shelved(product, page.skus))
    entry = ListingEntry(
        product_id=saved.product_id,
        number=saved.version,
        action=action,
        actor=actor,
        at=clock.now(),
        reason=reason,
        list_at=saved.list_at,
    )
    unit.add(keys.LISTING_ENTRY, entry)
    return saved


def _save(unit: Unit, product: Product, shelf: ShelfEntry) -> Product:
    unit.save(keys.SHELF_ENTRY, shelf)
    return unit.save(keys.PRODUCT, product)


def _save_skus(unit: Unit, skus: Sequence[Sku]) -> list[Sku]:
    """New SKUs claim their codes; those that come back have theirs."""
    for sku in skus:
        if not sku.version:
            claim = SkuClaim(sku=sku.sku, product_id=sku.product_id)
            unit.add(keys.SKU_CLAIM, claim, otherwise=SkuTaken(f"{sku.sku} is in use", sku=sku.sku))
    return [unit.save(keys.SKU, sku) for sku in skus]


def _count(unit: Unit, category_id: str, products: int) -> None:
    unit.change(
        keys.CATEGORY,
        category_id=category_id,
        add={"products": products},
        only_if=(Present(),),
        otherwise=UnknownCategory(category_id=category_id),
    )


def _place(decide: Callable[[Tree], Category]) -> Category:
    """A new or changed category, decided upon a tree that nobody else changes meanwhile."""

    def place() -> Category:
        # Before the tree: whatever changes it from now on changes the lock too.
        lock = store.tree_lock()
        tree = store.tree()
        category = decide(tree)
        tree.need_room(category)
        with Unit() as unit:
            unit.save(keys.TREE_LOCK, lock, otherwise=ChangedMeanwhile())
            return unit.save(keys.CATEGORY, category)

    return again(place)
