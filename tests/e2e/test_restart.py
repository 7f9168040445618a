"""What `make stop` and the next `make run` do to a shop with work in hand."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from infra.local.demo.story import Story, until
from infra.local.processes import free_ports
from infra.local.run import opened
from infra.local.shop import Shop, running_shop


def executions(shop: Shop) -> dict[str, str]:
    """The workflows of orders, by name, with how each of them stands."""
    states = shop.client("stepfunctions")
    machines = states.list_state_machines()["stateMachines"]
    arn = next(one["stateMachineArn"] for one in machines if one["name"].endswith("order-life"))
    return {one["name"]: one["status"] for one in states.list_executions(stateMachineArn=arn)["executions"]}


def card(shop: Shop) -> dict[str, Any]:
    return {**asdict(shop), "users": opened(shop)}


def test_an_order_goes_on_where_it_was_when_the_shop_was_stopped(tmp_path: Path) -> None:
    with running_shop(tmp_path, free_ports(3), keep=True) as shop:
        before = Story(card(shop))
        before.browse()
        before.pay(before.check_out())
        assert executions(shop) == {before.order_id: "RUNNING"}

    with running_shop(tmp_path, free_ports(3), keep=True) as shop:
        after = Story(card(shop))
        after.order_id, after.store_id = before.order_id, before.store_id
        until(after.buyer, f"/me/orders/{after.order_id}", "confirmed")
        after.ship()
        after.arrive()
        run = f"{after.order_id}-1"
        deadline = time.monotonic() + 30
        while executions(shop)[run] == "RUNNING":
            assert time.monotonic() < deadline, "the workflow did not hear of the receipt"
            time.sleep(0.5)
        assert executions(shop)[run] == "SUCCEEDED"
