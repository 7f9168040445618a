"""Goods that their buyer sends back: approved, on their way, received, inspected, and settled by what they are like."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from souk.domains.aftersales import store as cases
from souk.domains.aftersales.actions import returns as aftersales
from souk.domains.aftersales.model.case import RefundCase
from souk.domains.aftersales.model.inspection import KEPT, Inspection, units_of
from souk.domains.aftersales.model.returns import Consignment
from souk.domains.aftersales.model.wish import Kind
from souk.domains.orders.actions import moves
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.refusals import AlreadyPaid
from souk.domains.orders.store import orders as store
from souk.domains.payments.model.payment import PaymentSetAside
from souk.domains.shipping.model import Tracking
from souk.domains.stores.store import stores
from souk.flows import exchange, refund
from souk.kernel import clock
from souk.kernel.caller import Caller, system
from souk.kernel.owner import need_own_store, owner_of
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import Unit

UNDO = {"AwaitParcel": "LapseCase"}


def approve(case_id: str, by: Caller) -> RefundCase:
    """What that leads to is a matter of what was asked for."""

    def once() -> RefundCase:
        case = cases.for_staff(case_id, by)
        with Unit() as unit:
            return _APPROVE[case.kind](unit, case, by)

    return again(once)


def send(case_id: str, tracking: Tracking, by: Caller) -> RefundCase:
    return aftersales.note_sent(case_id, _consignment(tracking), by)


def send_back(case_id: str, tracking: Tracking, by: Caller) -> RefundCase:
    return aftersales.note_sent_back(case_id, _consignment(tracking), by)


def receive(case_id: str, store_id: str, by: Caller) -> RefundCase:
    """Any store of the caller's takes what was sent to another of the same owner."""
    by.need_store(store_id)
    stores.get(store_id)
    need_own_store(store_id, owner_of(cases.for_staff(case_id, by).store_id))
    return aftersales.note_arrival(case_id, store_id, by)


def inspect(case_id: str, said: Inspection, by: Caller) -> RefundCase:
    """Case, order, money and stock move together; said twice, it is the same."""

    def once() -> RefundCase:
        case = cases.for_staff(case_id, by)
        by.need_store(case.lies_in)
        if case.inspected_as(said):
            return case
        rows = store.whole(case.order_id)
        order = store.in_rows(rows)
        seen = case.inspected_by(said, refund.bought(order), clock.now(), by.id)
        with Unit() as unit:
            settled = aftersales.settle(unit, refund.due_now(rows, seen) if case.kind == "return" else seen, by.id)
            if settled.kept:
                _keep(unit, order, settled, by)
            _SETTLE[case.kind](unit, rows, order, settled, by)
            return settled

    return again(once)


def lapse(case_id: str) -> None:
    """Nothing has come in time: what was set aside for it is free again. Whatever fires asks the state again."""

    def once() -> None:
        case = cases.get(case_id)
        if case.waits_at("AwaitParcel"):
            _lapse(case, system("lapse_case"))

    # At this very moment: the buyer has their time to send the goods. Or what was paid does not fit: staff decide.
    with suppress(AlreadyPaid, PaymentSetAside):
        again(once)


def close(case_id: str, why: str, by: Caller) -> RefundCase:
    """Nobody looks for the goods any more: they are lost, or were never sent."""

    def once() -> RefundCase:
        case = cases.for_staff(case_id, by)
        return case if case.status == "lapsed" else _lapse(case, by, why)

    return again(once)


def _approve_return(unit: Unit, case: RefundCase, by: Caller) -> RefundCase:
    priced = case.priced(refund.bought(store.get(case.order_id)))
    return aftersales.await_return(unit, priced, stores.get(case.store_id).address, by.id)


def _pay_back(unit: Unit, rows: Rows, order: Order, case: RefundCase, by: Caller) -> None:
    if case.kept:
        moves.note_refunded(unit, order, case.kept, deducted=case.deducted)
        if case.amount_minor:
            refund.owe_case(unit, rows, order, case, cause=f"case: {case.reason}", units=case.kept)


def _keep(unit: Unit, order: Order, case: RefundCase, by: Caller) -> None:
    scrapped = units_of(case.inspection, *KEPT, condition="scrap")
    refund.put_back(unit, order, case.lies_in, case.kept, scrapped, case_id=case.case_id, by=by.id)


def _lapse(case: RefundCase, by: Caller, why: str | None = None) -> RefundCase:
    with Unit() as unit:
        lapsed = aftersales.lapse(unit, case, by.id, why)
        if case.kind == "exchange":
            exchange.undo(unit, case, by)
        unit.because(why)
        return lapsed


def _consignment(tracking: Tracking) -> Consignment:
    said = tracking.checked()
    return Consignment(
        carrier=said.carrier,
        carrier_name=said.carrier_name or "",
        tracking_number=said.tracking_number,
        at=clock.now(),
    )


_APPROVE: Mapping[Kind, Callable[[Unit, RefundCase, Caller], RefundCase]] = {
    "refund": refund.approve,
    "return": _approve_return,
    "exchange": exchange.approve,
}
_SETTLE: Mapping[str, Callable[[Unit, Rows, Order, RefundCase, Caller], None]] = {
    "return": _pay_back,
    "exchange": exchange.settle,
}
