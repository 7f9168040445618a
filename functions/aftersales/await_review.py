"""Workflow: remembers whom to tell once staff have decided."""

from souk.domains.aftersales import actions
from souk.edge.task import task


def await_review(case_id: str, token: str) -> None:
    actions.wait(case_id, "AwaitReview", token)


handler = task(await_review)
