"""Workflow: remembers whom to tell once the money has gone back."""

from souk.domains.aftersales.actions import workflow
from souk.edge.task import task


def await_refund(case_id: str, token: str) -> None:
    workflow.wait(case_id, "AwaitRefund", token)


handler = task(await_refund)
