"""What becomes of a case with its goods and its money; each goes with what other domains do in the same Unit."""

from collections.abc import Iterable
from typing import Any

from souk.domains.aftersales import events
from souk.domains.aftersales.model.case import CaseAlreadyOpen, OpenCase, RefundCase, status_by_refunds
from souk.domains.aftersales.model.record import record_of
from souk.domains.aftersales.model.returns import StoreReturn
from souk.kernel import clock
from souk.kernel.caller import Caller, system
from souk.kernel.errors import Refusal
from souk.table import keys
from souk.table.unit import ChangedMeanwhile, Unit


def open_case(unit: Unit, case: RefundCase) -> RefundCase:
    for sku in case.units:
        opened = OpenCase(order_id=case.order_id, sku=sku, case_id=case.case_id)
        unit.add(keys.OPEN_CASE, opened, otherwise=CaseAlreadyOpen(sku=sku))
    unit.tell(events.RefundRequested(**about(case), reason=case.reason, kind=case.kind))
    return save(unit, case)


def approve(unit: Unit, case: RefundCase, by: Caller) -> RefundCase:
    """Approved, and with that refunding: the money is set aside in the same Unit."""
    at = clock.now()
    approved = case.moved("approved", at, by.id).paid_back(at, by.id)
    decided(unit, approved)
    unit.tell(events.RefundApproved(**about(approved), due_minor=approved.due_minor, by=by.id))
    return save(unit, approved)


def take_back(unit: Unit, case: RefundCase, brought: StoreReturn, by: Caller) -> RefundCase:
    """Asked for, approved and refunding in one step: the goods are there and staff have seen them."""
    at = clock.now()
    case = case.but(returned_to=brought.store_id, condition=brought.condition)
    taken = case.moved("approved", at, by.id).paid_back(at, by.id)
    unit.tell(
        events.GoodsReturned(
            **about(taken),
            due_minor=taken.due_minor,
            returned_to=brought.store_id,
            condition=brought.condition,
            units=taken.units,
        )
    )
    return save(unit, taken, otherwise=ChangedMeanwhile())


def follow_refunds(unit: Unit, case: RefundCase, refunds: Iterable[tuple[str, int]]) -> bool:
    """Brings the case to where its refunds are; facts about them may come late and in any order. Whether it moves."""
    status = status_by_refunds(case.due_minor, refunds)
    if status == case.status:
        return False
    moved = case.moved(status, clock.now(), system("payments").id)
    unit.tell(events.RefundCaseMoved(**about(moved), status=status))
    save(unit, moved)
    return True


def save(unit: Unit, case: RefundCase, otherwise: Refusal | None = None) -> RefundCase:
    """The case, and its line in the log of all cases."""
    unit.put(keys.CASE_RECORD, record_of(case))
    return unit.save(keys.CASE, case, otherwise=otherwise)


def decided(unit: Unit, case: RefundCase) -> None:
    for sku in case.units:
        unit.remove(keys.OPEN_CASE, order_id=case.order_id, sku=sku)


def about(case: RefundCase) -> dict[str, Any]:
    names = ("case_id", "order_id", "order_number", "buyer_id", "store_id", "amount_minor", "currency")
    return {**{name: getattr(case, name) for name in names}, "step": len(case.history)}
