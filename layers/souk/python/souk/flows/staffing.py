"""Staff are appointed and changed: who works for a merchant works for one that there is."""

from souk.domains.access.actions import staff
from souk.domains.access.model.callers import StaffDraft, StaffEdit, StaffMember
from souk.domains.merchants.store import merchants
from souk.kernel.caller import Caller


def appoint(draft: StaffDraft, by: Caller) -> StaffMember:
    _need_merchant(draft.merchant_id, by)
    return staff.appoint(draft, by)


def change(caller_id: str, edit: StaffEdit, by: Caller) -> StaffMember:
    _need_merchant(edit.merchant_id, by)
    return staff.change(caller_id, edit, by)


def _need_merchant(merchant_id: str | None, by: Caller) -> None:
    by.need_store(None)
    if merchant_id:
        merchants.get(merchant_id)
