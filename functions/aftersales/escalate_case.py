"""Workflow: a case has waited too long; it is marked, that is told, and the wait goes on."""

from souk.domains.aftersales.actions import workflow
from souk.edge.task import task


def escalate_case(case_id: str) -> dict[str, str]:
    return workflow.escalate(case_id)


handler = task(escalate_case)
