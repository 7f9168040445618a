"""Merchants, as they are kept."""

from collections.abc import Iterable

from souk.domains.merchants.model import Merchant, MerchantCard, NoSuchMerchant, Status
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.ask import Rows
from souk.table.port import At


def get(merchant_id: str) -> Merchant:
    return ask.get(keys.MERCHANT, Merchant, NoSuchMerchant, merchant_id=merchant_id)


def find(merchant_id: str) -> Merchant | None:
    return ask.find(keys.MERCHANT, Merchant, merchant_id=merchant_id)


def for_staff(merchant_id: str, by: Caller) -> Merchant:
    merchant = get(merchant_id)
    merchant.need_scope(by)
    return merchant


def with_status(status: Status, limit: int, position: str | None) -> tuple[list[MerchantCard], str | None]:
    """Who has waited longest comes first."""
    rows = ask.ask(patterns.MERCHANTS, status=status, limit=limit, position=position)
    return rows.all(keys.MERCHANT, MerchantCard), rows.position


def merchant_keys(owners: Iterable[str | None]) -> list[At]:
    """For a batch read: each of the merchants once; the retailer, who is none, is left out."""
    return [ask.key(keys.MERCHANT, merchant_id=one) for one in dict.fromkeys(owners) if one]


def names(rows: Rows) -> dict[str, str]:
    """Of those that may sell at this moment, from such a read."""
    return {one.merchant_id: one.name for one in rows.all(keys.MERCHANT, Merchant) if one.sells}


def selling(rows: Rows) -> set[str | None]:
    """Who may sell at this moment, from such a read: the retailer, and the merchants that are active."""
    return {None, *names(rows)}
