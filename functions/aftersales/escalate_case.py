"""Workflow: a case has waited too long; it is marked, that is told, and the wait goes on."""

from souk.domains.aftersales import actions
from souk.edge.task import task


def escalate_case(case_id: str) -> dict[str, str]:
    return actions.escalate(case_id)


handler = task(escalate_case)
