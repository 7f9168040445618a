"""Settlements, the merchants that they are of, and the orders that they are made of."""

from collections.abc import Iterable

from souk.domains.merchants.store import merchants
from souk.domains.orders.store import lists as orders
from souk.domains.settlement.actions import settlements
from souk.domains.settlement.model.settlement import (
    AdjustmentDraft,
    MerchantMovement,
    MovementLine,
    Settlement,
    SettlementDue,
)
from souk.domains.settlement.store import settlements as store
from souk.kernel.caller import Caller
from souk.kernel.sheet import Sheet


def due(limit: int, position: str | None) -> tuple[list[SettlementDue], str | None]:
    """With whom they are due to; oldest first."""
    found, after = store.due(limit, position)
    names = merchants.names(one.merchant_id for one in found)
    return [SettlementDue(**dict(one), merchant_name=names[one.merchant_id]) for one in found], after


def of_merchant(merchant_id: str, by: Caller, limit: int, position: str | None) -> tuple[list[Settlement], str | None]:
    """Head office's to read, and the merchant's own people's. Newest first."""
    merchants.for_staff(merchant_id, by)
    found, after = store.of_merchant(merchant_id, limit, position)
    return [one.shown_to(by) for one in found], after


def read(merchant_id: str, month: str, currency: str, by: Caller) -> Settlement:
    merchants.for_staff(merchant_id, by)
    return store.get(merchant_id, month, currency).shown_to(by)


def movements(of: Settlement, by: Caller, limit: int, position: str | None) -> tuple[list[MovementLine], str | None]:
    """Of one that the caller has read."""
    found, after = store.movements(of, limit, position)
    return [one.shown_to(by) for one in _lines(found)], after


def export(merchant_id: str, month: str, currency: str, by: Caller) -> Sheet:
    merchant = merchants.for_staff(merchant_id, by)
    of = store.get(merchant_id, month, currency)
    return settlements.statement(of, merchant.name, _lines(settlements.every_movement(of)))


def adjust(merchant_id: str, draft: AdjustmentDraft, by: Caller) -> MerchantMovement:
    by.need_store(None)
    merchants.get(merchant_id)
    return settlements.adjust(merchant_id, draft, by)


def _lines(movements: Iterable[MerchantMovement]) -> list[MovementLine]:
    found = list(movements)
    numbers = orders.numbers(one.subject for one in found)
    return [MovementLine(**dict(one), order_number=numbers.get(one.subject)) for one in found]
