"""Who sells beside the retailer, as it is asked for with the goods."""

from collections.abc import Iterable

from souk.domains.merchants.model.seller import Seller
from souk.table import ask, keys
from souk.table.ask import Rows
from souk.table.port import At


def merchant_keys(owners: Iterable[str | None]) -> list[At]:
    """For a batch read: each of the merchants once; the retailer, who is none, is left out."""
    return [ask.key(keys.MERCHANT, merchant_id=one) for one in dict.fromkeys(owners) if one]


def names(rows: Rows) -> dict[str, str]:
    """By id, of those that may sell at this moment, from such a read."""
    return {one.merchant_id: one.name for one in rows.all(keys.MERCHANT, Seller) if one.sells}


def selling(rows: Rows) -> set[str | None]:
    """Who may sell at this moment, from such a read: the retailer, and the merchants that are active."""
    return {None, *names(rows)}
