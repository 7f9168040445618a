"""What buyers see beside each other: goods, with who sells them, sales and stores; none of merchants that may not."""

from collections.abc import Iterable, Sequence

from souk.domains.catalog.model.listing import ShelfCard
from souk.domains.catalog.model.page import ShopProduct
from souk.domains.catalog.model.product import NoSuchProduct
from souk.domains.merchants import store as merchants
from souk.domains.promotions.model.flash_sale import FlashSale, NoSuchSale, SaleCard
from souk.domains.stores.model.store import Store
from souk.flows.goods import selling
from souk.kernel.owner import owner_of
from souk.table import ask


def cards(found: Sequence[ShelfCard]) -> list[ShelfCard]:
    """One batch read where there are merchants among them; a page of the retailer's own goods asks nothing."""
    names = _names(card.merchant_id for card in found)
    return [
        card.but(merchant_name=names.get(card.merchant_id or ""))
        for card in found
        if card.merchant_id is None or card.merchant_id in names
    ]


def product(page: ShopProduct) -> ShopProduct:
    if page.merchant_id is None:
        return page
    names = _names([page.merchant_id])
    if page.merchant_id not in names:
        raise NoSuchProduct()
    return page.but(merchant_name=names[page.merchant_id])


def sales(found: Sequence[SaleCard]) -> list[SaleCard]:
    """A sale is of whose store it is in."""
    may_sell = selling(owner_of(card.store_id) for card in found)
    return [card for card in found if owner_of(card.store_id) in may_sell]


def sale(found: FlashSale) -> FlashSale:
    owner = owner_of(found.store_id)
    if owner not in selling([owner]):
        raise NoSuchSale()
    return found


def stores(found: Iterable[Store]) -> list[Store]:
    shown = list(found)
    may_sell = selling(store.merchant_id for store in shown)
    return [store for store in shown if store.merchant_id in may_sell]


def _names(owners: Iterable[str | None]) -> dict[str, str]:
    return merchants.names(ask.many(merchants.merchant_keys(owners)))
