"""Workflow: remembers whom to tell once the money has gone back, or the other goods have left."""

from souk.domains.aftersales.actions import workflow
from souk.edge.task import task


def await_settlement(case_id: str, token: str) -> None:
    workflow.wait(case_id, "AwaitSettlement", token)


handler = task(await_settlement)
