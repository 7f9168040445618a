"""What a merchant's standing means for its stores and its goods: opened, listed, and off the shelf while suspended."""

from functools import partial

from souk.domains.catalog.actions import listing
from souk.domains.catalog.model.listing import Plan
from souk.domains.catalog.model.sheet import Listing
from souk.domains.catalog.store import pages as page_store
from souk.domains.catalog.store import products as catalog
from souk.domains.merchants.actions import need_unchanged, tell_more_goods
from souk.domains.merchants.store import merchants
from souk.domains.stores import actions as stores
from souk.domains.stores.model.store import Store
from souk.domains.stores.model.store_edit import StoreOpening
from souk.domains.stores.store.settings import at_hand
from souk.kernel.caller import Caller
from souk.table.again import again
from souk.table.unit import Unit

_PAGE, _MOST_PAGES, _MOST_MOVED = 100, 10_000, 1_000


def open_store(draft: StoreOpening, by: Caller) -> Store:
    """Head office opens the merchants' stores too."""
    by.need_store(None)
    if draft.merchant_id:
        merchants.get(draft.merchant_id).need_sells()
    return stores.open_store(draft, by)


def list_product(product_id: str, by: Caller, reason: str | None = None) -> Listing:
    _need_seller(product_id, by)
    return listing.list_product(product_id, by, reason)


def plan_listing(product_id: str, plan: Plan, by: Caller) -> Listing:
    _need_seller(product_id, by)
    return listing.plan_listing(product_id, plan, by)


def move_goods(merchant_id: str) -> None:
    """Off the shelf with a suspension, and those that it took off back on it with its end.

    None of it can be bought meanwhile, for whoever sells goods asks after their merchant. So this may break off
    anywhere and run twice: each product moves by itself, as the merchant stands at that moment. A product that is
    edited meanwhile changes its place among the others, where a pass may miss it: so the last pass is one that moves
    nothing. What is left after a thousand is told, and goes on from there.
    """
    status = "delisted" if merchants.get(merchant_id).sells else "listed"
    moved, before, position = 0, 0, None
    for _ in range(_MOST_PAGES):
        cards, position = catalog.with_status(status, _PAGE, position, merchant_id)
        for card in cards:
            if status == "listed" or card.off_for_merchant:
                moved += again(partial(_move, card.product_id, merchant_id))
        if moved >= _MOST_MOVED:
            tell_more_goods(merchant_id)
            return
        if position is None:
            if moved == before:
                return
            before = moved


def look_again(product_id: str) -> None:
    """At what has come on the shelf: a suspension may have gone through all goods just before, or still hold when the
    clock put it there.
    """
    if owner := catalog.get(product_id).merchant_id:
        again(partial(_move, product_id, owner))


def _move(product_id: str, merchant_id: str) -> bool:
    page, merchant = page_store.page(product_id), merchants.get(merchant_id)
    with Unit() as unit:
        moved = listing.follow_merchant(unit, page, sells=merchant.sells, shops=at_hand().settings.sold_out)
        if moved:
            need_unchanged(unit, merchant)
        return moved


def _need_seller(product_id: str, by: Caller) -> None:
    by.need_office()
    owner = catalog.get_for(product_id, by).merchant_id
    if owner:
        merchants.get(owner).need_sells()
