"""Workflow: nothing was sent back in time; what was set aside for it is free again."""

from souk.edge.task import task
from souk.flows import returns


def lapse_case(case_id: str) -> dict[str, str]:
    returns.lapse(case_id)
    return {"case_id": case_id}


handler = task(lapse_case)
