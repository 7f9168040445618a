"""Goods for sale: what the catalogue offers of the retailer's own and of merchants that may sell."""

from collections.abc import Iterable

from souk.domains.catalog.model import Offer
from souk.domains.catalog.store import offers as catalog
from souk.domains.merchants.store import sellers as merchants
from souk.table import ask
from souk.table.ask import Rows
from souk.table.port import At


def goods_keys(skus: Iterable[str]) -> list[At]:
    """For a batch read of all that `offers` is made of; a merchant is looked at anew each time, for one may stop."""
    wanted = list(skus)
    return [*catalog.offer_keys(wanted), *merchants.merchant_keys(catalog.owners_of(wanted).values())]


def offers(rows: Rows) -> dict[str, Offer]:
    """By SKU, from such a read; without what its merchant may not sell now."""
    selling = merchants.selling(rows)
    return {sku: one for sku, one in catalog.offers(rows).items() if one.merchant_id in selling}


def selling(owners: Iterable[str | None]) -> set[str | None]:
    """Who of them may sell at this moment, and the retailer."""
    return merchants.selling(ask.many(merchants.merchant_keys(owners)))


def offers_of(skus: Iterable[str]) -> dict[str, Offer]:
    return offers(ask.many(goods_keys(skus)))
