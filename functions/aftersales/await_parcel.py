"""Workflow: remembers whom to tell once the buyer has sent the goods, and paid before what others cost more."""

from souk.domains.aftersales.actions import workflow
from souk.edge.task import task


def await_parcel(case_id: str, token: str) -> None:
    workflow.wait(case_id, "AwaitParcel", token)


handler = task(await_parcel)
