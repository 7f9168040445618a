"""What becomes of a case whose goods come back first; each move is told, within the caller's Unit."""

from souk.domains.aftersales import events, store
from souk.domains.aftersales.actions.cases import about, decided, save
from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.returns import Consignment
from souk.kernel import clock
from souk.kernel.address import Address
from souk.kernel.caller import Caller
from souk.table.again import again
from souk.table.unit import Unit


def await_return(unit: Unit, case: RefundCase, address: Address, by: str) -> RefundCase:
    """Approved: its buyer sends the goods to the address."""
    return await_goods(unit, _approved(case, address, by), by)


def await_payment(unit: Unit, case: RefundCase, address: Address, by: str) -> RefundCase:
    """Approved, but the goods in exchange cost more: that is paid before anything is sent."""
    return _save(unit, _approved(case, address, by).moved("to_pay", clock.now(), by))


def await_goods(unit: Unit, case: RefundCase, by: str) -> RefundCase:
    return _save(unit, case.moved("awaiting_return", clock.now(), by))


def note_sent(case_id: str, parcel: Consignment, by: Caller) -> RefundCase:
    """The buyer says by which parcel; said twice, it is the same."""

    def once() -> RefundCase:
        case = store.for_buyer(case_id, by)
        if case.parcel and case.parcel.is_as(parcel):
            return case
        with Unit() as unit:
            return _save(unit, case.sent_by(parcel, by.id))

    return again(once)


def note_arrival(case_id: str, store_id: str, by: Caller) -> RefundCase:
    """Said twice, it is the same."""

    def once() -> RefundCase:
        case = store.for_staff(case_id, by)
        if case.status == "received" and case.returned_to == store_id:
            return case
        with Unit() as unit:
            return _save(unit, case.arrived(store_id, clock.now(), by.id))

    return again(once)


def note_sent_back(case_id: str, parcel: Consignment, by: Caller) -> RefundCase:
    def once() -> RefundCase:
        case = store.for_staff(case_id, by)
        if case.sent_back and case.sent_back.is_as(parcel):
            return case
        with Unit() as unit:
            return _save(unit, case.with_sent_back(parcel, by.id))

    return again(once)


def settle(unit: Unit, inspected: RefundCase, by: str) -> RefundCase:
    """Decided by what the goods are like; nothing stands in the way of another case about them any more."""
    settled = inspected.settled(clock.now(), by)
    decided(unit, settled)
    return _save(unit, settled)


def lapse(unit: Unit, case: RefundCase, by: str, why: str | None = None) -> RefundCase:
    """Nothing has come back in time, or nobody looks for it any more."""
    lapsed = case.moved("lapsed", clock.now(), by, why)
    decided(unit, lapsed)
    return _save(unit, lapsed)


def move(unit: Unit, case: RefundCase, to: str, by: str) -> RefundCase:
    return _save(unit, case.moved(to, clock.now(), by))


def _approved(case: RefundCase, address: Address, by: str) -> RefundCase:
    return case.moved("approved", clock.now(), by).but(return_address=address)


def _save(unit: Unit, case: RefundCase) -> RefundCase:
    said = {name: getattr(case, name) for name in ("kind", "difference_minor", "due_minor")}
    unit.tell(events.ReturnMoved(**about(case), status=case.history[-1].status, **said))
    return save(unit, case)
