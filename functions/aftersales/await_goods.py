"""Workflow: remembers whom to tell once the goods are in a store."""

from souk.domains.aftersales.actions import workflow
from souk.edge.task import task


def await_goods(case_id: str, token: str) -> None:
    workflow.wait(case_id, "AwaitGoods", token)


handler = task(await_goods)
