"""What is done with cases; commands that money takes part in are flows."""

from collections.abc import Iterable
from typing import Any

from souk.domains.aftersales import events, store
from souk.domains.aftersales.model import (
    WATCHED,
    CaseAlreadyOpen,
    CaseWait,
    OpenCase,
    RefundCase,
    Said,
    StoreReturn,
    status_by_refunds,
)
from souk.gateways import workflows
from souk.kernel import clock, ids
from souk.kernel.caller import Caller, system
from souk.table import keys
from souk.table.unit import ChangedMeanwhile, Unit


def open_case(unit: Unit, case: RefundCase) -> RefundCase:
    for sku in case.units:
        opened = OpenCase(order_id=case.order_id, sku=sku, case_id=case.case_id)
        unit.add(keys.OPEN_CASE, opened, otherwise=CaseAlreadyOpen(sku=sku))
    unit.tell(events.RefundRequested(**_about(case), reason=case.reason))
    return unit.save(keys.CASE, case)


def ask_more(case_id: str, question: Said, by: Caller) -> RefundCase:
    asked = store.for_staff(case_id, by).moved("more_asked", clock.now(), by.id, question.text)
    with Unit() as unit:
        unit.tell(events.RefundMoreAsked(**_about(asked), question=question.text))
        return unit.save(keys.CASE, asked)


def answer(case_id: str, said: Said, by: Caller) -> RefundCase:
    answered = store.for_buyer(case_id, by).moved("requested", clock.now(), by.id, said.text)
    with Unit() as unit:
        unit.tell(events.RefundAnswered(**_about(answered)))
        return unit.save(keys.CASE, answered)


def reject(case_id: str, why: Said, by: Caller) -> RefundCase:
    rejected = store.for_staff(case_id, by).moved("rejected", clock.now(), by.id, why.text)
    with Unit() as unit:
        _decided(unit, rejected)
        unit.because(why.text)
        unit.tell(events.RefundRejected(**_about(rejected), reason=why.text, by=by.id))
        return unit.save(keys.CASE, rejected)


def approve(unit: Unit, case: RefundCase, by: Caller) -> RefundCase:
    """Approved, and with that refunding: the money is set aside in the same Unit."""
    at = clock.now()
    approved = case.moved("approved", at, by.id).moved("refunding", at, by.id)
    _decided(unit, approved)
    unit.tell(events.RefundApproved(**_about(approved), by=by.id))
    return unit.save(keys.CASE, approved)


def take_back(unit: Unit, case: RefundCase, brought: StoreReturn, by: Caller) -> RefundCase:
    """Asked for, approved and refunding in one step: the goods are there and staff have seen them."""
    at = clock.now()
    case = case.but(returned_to=brought.store_id, condition=brought.condition)
    taken = case.moved("approved", at, by.id).moved("refunding", at, by.id)
    unit.tell(
        events.GoodsReturned(
            **_about(taken), returned_to=brought.store_id, condition=brought.condition, units=taken.units
        )
    )
    return unit.save(keys.CASE, taken, otherwise=ChangedMeanwhile())


def follow_refunds(unit: Unit, case: RefundCase, refunds: Iterable[tuple[str, int]]) -> bool:
    """Brings the case to where its refunds are; facts about them may come late and in any order. Whether it moves."""
    status = status_by_refunds(case.amount_minor, refunds)
    if status == case.status:
        return False
    moved = case.moved(status, clock.now(), system("payments").id)
    unit.tell(events.RefundCaseMoved(**_about(moved), status=status))
    unit.save(keys.CASE, moved)
    return True


def escalate(case_id: str) -> dict[str, str]:
    """The case has waited too long: it is marked, and that is told. Answers where it stands."""
    case = store.get(case_id)
    if case.status in WATCHED:
        with Unit() as unit:
            unit.tell(events.RefundCaseOverdue(**_about(case), status=case.status))
            unit.save(keys.CASE, case.but(escalated=True))
    return _where(case)


def start_workflow(case_id: str) -> None:
    workflows.start("refund_case", case_id, {"case_id": case_id})


def restart_workflow(case_id: str) -> None:
    """Another run for a case whose workflow was lost: its steps pass over what is done already."""
    workflows.start("refund_case", f"{case_id}-{ids.new('run')}", {"case_id": case_id})


def wait(case_id: str, step: str, token: str) -> None:
    """Keeps the token before the case is read: what happens after that finds it, what happened before is read."""
    store.get(case_id)  # nobody waits for a case that is not there
    with Unit() as unit:
        unit.put(keys.CASE_WAIT, CaseWait(case_id=case_id, step=step, token=token))
    tell_workflow(case_id)


def tell_workflow(case_id: str) -> None:
    """Tells the waiting step that the case has gone on; one that does not wait yet asks by itself when it does."""
    waiting, case = store.wait_of(case_id), store.get(case_id)
    if waiting and not case.waits_at(waiting.step):
        workflows.go_on(waiting.token, _where(case))


def _decided(unit: Unit, case: RefundCase) -> None:
    for sku in case.units:
        unit.remove(keys.OPEN_CASE, order_id=case.order_id, sku=sku)


def _where(case: RefundCase) -> dict[str, str]:
    """What a step of the workflow answers; executions that began before its last change choose by the status."""
    return {"case_id": case.case_id, "status": case.status}


def _about(case: RefundCase) -> dict[str, Any]:
    names = ("case_id", "order_id", "order_number", "buyer_id", "store_id", "amount_minor", "currency")
    return {**{name: getattr(case, name) for name in names}, "step": len(case.history)}
