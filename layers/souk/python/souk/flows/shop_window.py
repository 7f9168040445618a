"""Goods as buyers see them, with who sells them; none of merchants that may not."""

from collections.abc import Iterable, Sequence

from souk.domains.catalog.model.page import ShopProduct
from souk.domains.catalog.model.product import NoSuchProduct
from souk.domains.catalog.model.shelf import ShelfCard
from souk.table import ask


def cards(found: Sequence[ShelfCard]) -> list[ShelfCard]:
    """One batch read where there are merchants among them; a page of the retailer's own goods asks nothing."""
    if not any(card.merchant_id for card in found):
        return [*found]
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


def _names(owners: Iterable[str | None]) -> dict[str, str]:
    from souk.domains.merchants.store import sellers as merchants

    return merchants.names(ask.many(merchants.merchant_keys(owners)))
