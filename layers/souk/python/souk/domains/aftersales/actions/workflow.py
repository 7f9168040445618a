"""The workflow that watches over a case: begun, told, and what it does where somebody lets it wait."""

from souk.domains.aftersales import events, store
from souk.domains.aftersales.actions.cases import about, save
from souk.domains.aftersales.model.case import CaseWait, RefundCase
from souk.gateways import workflows
from souk.kernel import clock, ids
from souk.kernel.caller import system
from souk.table import keys
from souk.table.unit import Unit

_WORKFLOWS = {"refund": "refund_case", "return": "return_case", "exchange": "return_case"}


def start(case_id: str, kind: str) -> None:
    workflows.start(_WORKFLOWS[kind], case_id, {"case_id": case_id})


def restart(case_id: str, kind: str) -> None:
    """Another run for a case whose workflow was lost: its steps pass over what is done already."""
    workflows.start(_WORKFLOWS[kind], f"{case_id}-{ids.new('run')}", {"case_id": case_id})


def wait(case_id: str, step: str, token: str) -> None:
    """Keeps the token before the case is read: what happens after that finds it, what happened before is read."""
    store.get(case_id)  # nobody waits for a case that is not there
    with Unit() as unit:
        unit.put(keys.CASE_WAIT, CaseWait(case_id=case_id, step=step, token=token))
    tell(case_id)


def tell(case_id: str) -> None:
    """Tells the waiting step that the case has gone on; one that does not wait yet asks by itself when it does."""
    waiting, case = store.wait_of(case_id), store.get(case_id)
    if waiting and not case.waits_at(waiting.step):
        workflows.go_on(waiting.token, _where(case))


def escalate(case_id: str) -> dict[str, str]:
    """The case has waited too long: it is head office's too now, and that is told. Answers where it stands."""
    case = store.get(case_id)
    if case.is_waited_for:
        with Unit() as unit:
            escalated = case.escalated_at(clock.now(), system("aftersales").id)
            unit.tell(events.RefundCaseOverdue(**about(escalated), status=case.status))
            save(unit, escalated)
    return _where(case)


def _where(case: RefundCase) -> dict[str, str]:
    """What a step of the workflow answers; executions that began before its last change choose by the status."""
    return {"case_id": case.case_id, "status": case.status}
