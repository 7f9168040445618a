"""Merchants, as they are kept."""

from souk.domains.merchants.model import Merchant, NoSuchMerchant
from souk.table import ask, keys


def get(merchant_id: str) -> Merchant:
    return ask.get(keys.MERCHANT, Merchant, NoSuchMerchant, merchant_id=merchant_id)
