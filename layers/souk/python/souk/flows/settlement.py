"""Settlements, and the merchants that they are of."""

from souk.domains.merchants.store import merchants
from souk.domains.settlement.actions import settlements
from souk.domains.settlement.model.settlement import AdjustmentDraft, MerchantMovement, Settlement
from souk.domains.settlement.store import settlements as store
from souk.kernel.caller import Caller


def of_merchant(merchant_id: str, by: Caller, limit: int, position: str | None) -> tuple[list[Settlement], str | None]:
    """Head office's to read, and the merchant's own people's. Newest first."""
    merchants.for_staff(merchant_id, by)
    found, after = store.of_merchant(merchant_id, limit, position)
    return [one.shown_to(by) for one in found], after


def read(merchant_id: str, month: str, currency: str, by: Caller) -> Settlement:
    merchants.for_staff(merchant_id, by)
    return store.get(merchant_id, month, currency).shown_to(by)


def movements(
    of: Settlement, by: Caller, limit: int, position: str | None
) -> tuple[list[MerchantMovement], str | None]:
    """Of one that the caller has read."""
    found, after = store.movements(of, limit, position)
    return [one.shown_to(by) for one in found], after


def adjust(merchant_id: str, draft: AdjustmentDraft, by: Caller) -> MerchantMovement:
    by.need_store(None)
    merchants.get(merchant_id)
    return settlements.adjust(merchant_id, draft, by)
