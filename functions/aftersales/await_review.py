"""Workflow: remembers whom to tell once staff have decided."""

from souk.domains.aftersales.actions import workflow
from souk.edge.task import task


def await_review(case_id: str, token: str) -> None:
    workflow.wait(case_id, "AwaitReview", token)


handler = task(await_review)
