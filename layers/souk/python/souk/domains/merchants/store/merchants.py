"""Merchants, as they are asked for."""

from collections.abc import Iterable

from souk.domains.merchants.model.merchant import Merchant, MerchantCard, NoSuchMerchant, Status
from souk.domains.merchants.model.seller import Seller
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns


def get(merchant_id: str) -> Merchant:
    return ask.get(keys.MERCHANT, Merchant, NoSuchMerchant, merchant_id=merchant_id)


def find(merchant_id: str) -> Merchant | None:
    return ask.find(keys.MERCHANT, Merchant, merchant_id=merchant_id)


def names(merchant_ids: Iterable[str]) -> dict[str, str]:
    """By id; of those too that may not sell now."""
    rows = ask.many(ask.key(keys.MERCHANT, merchant_id=one) for one in merchant_ids)
    return {one.merchant_id: one.name for one in rows.all(keys.MERCHANT, Seller)}


def for_staff(merchant_id: str, by: Caller) -> Merchant:
    merchant = get(merchant_id)
    merchant.need_scope(by)
    return merchant


def with_status(status: Status, limit: int, position: str | None) -> tuple[list[MerchantCard], str | None]:
    """Who has waited longest comes first."""
    rows = ask.ask(patterns.MERCHANTS, status=status, limit=limit, position=position)
    return rows.all(keys.MERCHANT, MerchantCard), rows.position
