"""Settlements, and the merchants that they are of."""

from souk.domains.merchants import store as merchants
from souk.domains.settlement.actions import settlements
from souk.domains.settlement.model.settlement import AdjustmentDraft, MerchantMovement
from souk.kernel.caller import Caller


def need_merchant(merchant_id: str, by: Caller) -> None:
    by.need_store(None)
    merchants.get(merchant_id)


def adjust(merchant_id: str, draft: AdjustmentDraft, by: Caller) -> MerchantMovement:
    need_merchant(merchant_id, by)
    return settlements.adjust(merchant_id, draft, by)
