"""Workflow: remembers whom to tell once the goods are inspected."""

from souk.domains.aftersales.actions import workflow
from souk.edge.task import task


def await_inspection(case_id: str, token: str) -> None:
    workflow.wait(case_id, "AwaitInspection", token)


handler = task(await_inspection)
