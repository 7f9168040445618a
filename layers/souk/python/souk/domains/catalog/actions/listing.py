"""What is done about listing: a product comes on the shelf and goes off it, by hand, by the clock, by its stock."""

from souk.domains.catalog.actions.saving import record, save
from souk.domains.catalog.events import ListingTimed, ProductDelisted, ProductListed
from souk.domains.catalog.model.listing import (
    OUT_OF_STOCK,
    REINSTATED,
    RESTOCKED,
    SUSPENDED,
    TIME_IS_OVER,
    Action,
    BulkDelisting,
    DelistOutcome,
    DelistOutcomes,
    Plan,
    SoldOutPolicy,
)
from souk.domains.catalog.model.page import NothingToSell, ProductPage
from souk.domains.catalog.model.product import Product, SoldOut
from souk.domains.catalog.model.sheet import Listing
from souk.domains.catalog.model.sku import SkuState
from souk.domains.catalog.store import pages as page_store
from souk.domains.catalog.store import products as store
from souk.gateways import scheduler
from souk.kernel import clock
from souk.kernel.caller import Caller, system
from souk.kernel.errors import Refusal
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit

SCHEDULER, STOCK, MERCHANT = "scheduler", "stock", "merchant"


def list_product(product_id: str, by: Caller, reason: str | None = None) -> Listing:
    """On the shelf and for sale; nothing happens where it is there already."""
    by.need_office()

    def put() -> Listing:
        page = _caught_up(product_id, by)
        if page.product.status == "listed":
            return Listing.of(page.product)
        page.need_goods()
        with Unit() as unit:
            unit.because(reason)
            return Listing.of(_put_on_shelf(unit, page, page.product.relisted(clock.now()), by.id, reason))

    return again(put)


def delist_product(product_id: str, by: Caller, reason: str) -> Listing:
    """Off the shelf and not coming back by itself; orders are what they are. Nothing happens where that is so."""
    by.need_office()

    def take_off() -> Listing:
        page = _caught_up(product_id, by)
        withdrawn = page.product.withdrawn(clock.now())
        if withdrawn is page.product:
            return Listing.of(withdrawn)
        with Unit() as unit:
            unit.because(reason)
            return Listing.of(_take_off(unit, page, withdrawn, by.id, reason))

    return again(take_off)


def delist_products(wanted: BulkDelisting, by: Caller) -> DelistOutcomes:
    """Each in a transaction of its own: what stops it half-way leaves the first ones off, and the same call goes on."""
    by.need_office()
    outcomes = [_outcome(product_id, by, wanted.reason) for product_id in dict.fromkeys(wanted.product_ids)]
    refused = sum(one.code is not None for one in outcomes)
    return DelistOutcomes(delisted=len(outcomes) - refused, refused=refused, products=outcomes)


def plan_listing(product_id: str, plan: Plan, by: Caller) -> Listing:
    """It comes and goes by itself at those times, which take the place of any planned before."""
    by.need_office()
    plan.need_to_come(clock.now())

    def time() -> Listing:
        page = _caught_up(product_id, by)
        page.product.need_move("listed" if plan.list_at else "delisted")
        page.need_goods()
        if (page.product.list_at, page.product.delist_at) == (plan.list_at, plan.delist_at):
            return Listing.of(page.product)
        return _time(page, page.product.planned(plan.list_at, plan.delist_at), "planned", by.id)

    return again(time)


def cancel_plan(product_id: str, by: Caller) -> Listing:
    by.need_office()

    def cancel() -> Listing:
        page = _caught_up(product_id, by)
        if not page.product.is_planned:
            return Listing.of(page.product)
        return _time(page, page.product.planned(None, None), "unplanned", by.id)

    return again(cancel)


def set_sold_out(product_id: str, policy: SoldOutPolicy, shops: SoldOut, by: Caller) -> Listing:
    """What happens when the product runs out; where it has run out already, that happens now. `shops` is the shop's."""
    by.need_office()

    def change() -> Listing:
        page = _caught_up(product_id, by)
        page.product.need_present()
        changed = page.product.but(sold_out=policy.sold_out)
        after = changed.by_stock(page.has_stock, shops, clock.now())
        with Unit() as unit:
            if after is changed:
                return Listing.of(save(unit, changed, page.shelved(changed, page.skus)))
            return Listing.of(_move_by_stock(unit, page, after))

    return again(change)


def time_listing(fact: ListingTimed) -> None:
    """Sets, moves or drops the timers by the plan as it stands now, so facts may come twice and in any order."""
    product = store.get(fact.product_id)
    for name, at in (("list", product.list_at), ("delist", product.delist_at)):
        timer = f"{name}-{product.product_id}"
        if at is None:
            scheduler.drop_timer(timer)
        else:
            scheduler.set_timer(timer, max(at, clock.now()), "apply_listing", {"product_id": product.product_id})


def apply_listing(product_id: str) -> None:
    """What a timer does: the plan as it stands now decides, so it may fire twice, early or in vain."""
    again(lambda: _caught_up(product_id, system("apply_listing")))


def show_stock(unit: Unit, before: SkuState, available: int, policy: SoldOut) -> bool:
    """What everybody may know of the stock, of a SKU whose state was read before its stock; answers if it is news.

    Whoever wrote news looks again: meanwhile another may have seen newer stock, and found that it was shown already.
    The shelf is written whenever a SKU runs out or is back: of two that are the product's last, each would take the
    other for the one that is left. `policy` is the shop's, for a product that has none of its own.
    """
    after = before.but(in_stock=available > 0, available=available)
    if after == before:
        return False
    unit.save(keys.SKU_STATE, after, ChangedMeanwhile())
    if after.in_stock == before.in_stock:
        return True
    page = page_store.page(before.product_id).with_state(after)
    moved = page.product.by_stock(page.has_stock, policy, clock.now())
    if moved is page.product:
        unit.save(keys.SHELF_ENTRY, page.shelved(page.product, page.skus))
    else:
        _move_by_stock(unit, page, moved)
    return True


def follow_merchant(unit: Unit, page: ProductPage, sells: bool, shops: SoldOut) -> bool:
    """The product as its merchant's standing makes it; answers whether that is news."""
    after = page.product.by_merchant(sells, page.has_stock, shops, clock.now())
    if after is page.product:
        return False
    if after.status == "listed":
        _put_on_shelf(unit, page, after, MERCHANT, REINSTATED)
    else:
        _take_off(unit, page, after, MERCHANT, OUT_OF_STOCK if after.off_for_stock else SUSPENDED)
    return True


def _caught_up(product_id: str, by: Caller) -> ProductPage:
    """The page once all that the clock has decided is written down: the beginning first, then the end."""
    page, now = page_store.page_for(product_id, by), clock.now()
    if page.product.is_due(now):
        _begin(page)
    elif page.product.is_over(now):
        _end(page)
    else:
        return page
    return _caught_up(product_id, by)


def _begin(page: ProductPage) -> None:
    with Unit() as unit:
        if page.has_goods:
            _put_on_shelf(unit, page, page.product.relisted(clock.now()), SCHEDULER)
        else:
            record(unit, page, page.product.planned(None, None), "not_listed", SCHEDULER, NothingToSell.title)


def _end(page: ProductPage) -> None:
    with Unit() as unit:
        if page.product.status == "listed":
            _take_off(unit, page, page.product.moved("delisted", clock.now()), SCHEDULER, TIME_IS_OVER)
        else:  # its stock or its merchant had taken it off before
            record(unit, page, page.product.planned(None, None), "unplanned", SCHEDULER, TIME_IS_OVER)


def _move_by_stock(unit: Unit, page: ProductPage, after: Product) -> Product:
    if after.status == "listed":
        return _put_on_shelf(unit, page, after, STOCK, RESTOCKED)
    return _take_off(unit, page, after, STOCK, OUT_OF_STOCK)


def _put_on_shelf(unit: Unit, page: ProductPage, listed: Product, actor: str, reason: str | None = None) -> Product:
    unit.tell(ProductListed(product_id=listed.product_id, by=actor))
    return record(unit, page, listed, "listed", actor, reason)


def _take_off(unit: Unit, page: ProductPage, off: Product, actor: str, reason: str) -> Product:
    if page.product.status == "listed":
        unit.tell(ProductDelisted(product_id=off.product_id, reason=reason, by=actor))
    return record(unit, page, off, "delisted" if off.status == "delisted" else "unplanned", actor, reason)


def _time(page: ProductPage, product: Product, action: Action, actor: str) -> Listing:
    """Saves another plan; who hears of it sets the timers."""
    with Unit() as unit:
        unit.tell(ListingTimed(product_id=product.product_id, list_at=product.list_at, delist_at=product.delist_at))
        return Listing.of(record(unit, page, product, action, actor))


def _outcome(product_id: str, by: Caller, reason: str) -> DelistOutcome:
    try:
        return DelistOutcome(product_id=product_id, status=delist_product(product_id, by, reason).status)
    except Refusal as refusal:
        return DelistOutcome(product_id=product_id, code=refusal.code(), detail=refusal.detail)
