"""Merchants, as they are asked for."""

from souk.domains.merchants.model.merchant import Merchant, MerchantCard, NoSuchMerchant, Status
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns


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
