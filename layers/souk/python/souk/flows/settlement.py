"""Settlements, and the merchants that they are of."""

from souk.domains.merchants import store as merchants
from souk.domains.settlement import store
from souk.domains.settlement.actions import settlements
from souk.domains.settlement.model.settlement import AdjustmentDraft, MerchantMovement, Settlement
from souk.kernel.caller import Caller


def of_merchant(merchant_id: str, by: Caller, limit: int, position: str | None) -> tuple[list[Settlement], str | None]:
    """Head office's to read, and the merchant's own people's. Newest first."""
    merchants.for_staff(merchant_id, by)
    return store.of_merchant(merchant_id, limit, position)


def read(merchant_id: str, month: str, currency: str, by: Caller) -> Settlement:
    merchants.for_staff(merchant_id, by)
    return store.get(merchant_id, month, currency)


def adjust(merchant_id: str, draft: AdjustmentDraft, by: Caller) -> MerchantMovement:
    by.need_store(None)
    merchants.get(merchant_id)
    return settlements.adjust(merchant_id, draft, by)
