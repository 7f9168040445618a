"""What the steps of an order's workflow hear of it, whoever comes first: the order or the step that waits for it."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from moto.stepfunctions.models import StepFunctionBackend

from tests.support.market import INES, Market

WAITING = ("AwaitShipment", "AwaitReceipt")


@dataclass
class Workflow:
    """The tokens of an order's waiting steps, and what Step Functions was told of them; moto only swallows it."""

    market: Market
    order_id: str
    went_on: list[str] = field(default_factory=list)
    turned: list[tuple[str, str]] = field(default_factory=list)

    def waits_at(self, step: str) -> None:
        self.market.shop.invoke(step, {"order_id": self.order_id, "token": step})


@pytest.fixture
def workflow(market: Market, monkeypatch: pytest.MonkeyPatch) -> Workflow:
    market.goods({"CUP": 1000}, {market.store(): 20})
    workflow = Workflow(market, market.laid_out({"CUP": 2}))
    market.shop.drain()

    def succeed(_: object, token: str, output: str) -> None:
        assert json.loads(output) == {"order_id": workflow.order_id}
        workflow.went_on.append(token)

    def fail(_: object, token: str, error: str) -> None:
        workflow.turned.append((token, error))

    monkeypatch.setattr(StepFunctionBackend, "send_task_success", succeed)
    monkeypatch.setattr(StepFunctionBackend, "send_task_failure", fail)
    return workflow


def test_a_step_goes_on_when_what_it_waits_for_has_happened(workflow: Workflow) -> None:
    market, order_id = workflow.market, workflow.order_id
    workflow.waits_at("AwaitShipment")
    assert workflow.went_on == []
    market.ship(order_id).ok()
    assert workflow.went_on == ["AwaitShipment"]
    workflow.waits_at("AwaitReceipt")
    market.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
    market.shop.drain()
    assert set(workflow.went_on) == set(WAITING) and not workflow.turned


def test_a_step_that_comes_too_late_to_wait_goes_on_at_once(workflow: Workflow) -> None:
    workflow.market.ship(workflow.order_id).ok()
    workflow.market.shop.post(f"/me/orders/{workflow.order_id}/received", as_=INES).ok()
    for step in WAITING:
        workflow.waits_at(step)
    assert workflow.went_on == list(WAITING) and not workflow.turned


@pytest.mark.parametrize("first", ["order", "step"])
def test_no_step_waits_for_an_order_that_is_cancelled(workflow: Workflow, first: str) -> None:
    if first == "step":
        for step in WAITING:
            workflow.waits_at(step)
    workflow.market.cancel(workflow.order_id).ok()
    if first == "order":
        for step in WAITING:
            workflow.waits_at(step)
    else:
        workflow.market.shop.drain()
    assert {*workflow.turned} == {(step, "OrderCancelled") for step in WAITING} and not workflow.went_on


def test_a_shipment_that_is_overdue_is_told_each_time_and_nothing_else_changes(workflow: Workflow) -> None:
    before = workflow.market.order(workflow.order_id)
    for _ in range(2):
        workflow.market.shop.invoke("ChaseShipment", {"order_id": workflow.order_id})
    told = [fact["order_id"] for fact in workflow.market.shop.facts("ShipmentOverdue")]
    assert told == [workflow.order_id] * 2 and workflow.market.order(workflow.order_id) == before


def test_an_order_with_an_open_case_has_one_timer_however_often_the_timer_fires(workflow: Workflow) -> None:
    market, order_id = workflow.market, workflow.order_id
    market.ship(order_id).ok()
    market.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
    wish = {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "damaged"}
    market.shop.post("/me/refunds", wish, as_=INES).ok()
    for _ in range(2):
        market.shop.invoke("CompleteOrder", {"order_id": order_id})
    assert [target for _, _, target, _ in market.shop.timers()].count("CompleteOrder") == 1
    assert market.order(order_id)["status"] == "received"


@pytest.mark.parametrize("finder", ["sweeper", "desk"])
def test_an_order_that_was_paid_unheard_is_found_to_be_paid_by_whoever_would_end_it(
    market: Market, finder: str
) -> None:
    market.goods({"CUP": 1000}, {market.store(): 20})
    placed = market.checkout({"CUP": 1})
    order_id = placed.ok()["order"]["order_id"]
    market.pay(placed)
    if finder == "sweeper":
        market.shop.clock.at += timedelta(hours=1)  # and no timer fires
        market.shop.invoke("SweepOrders", {})
    else:
        path, boss = f"/staff/orders/{order_id}/cancel", market.shop.boss
        assert market.shop.post(path, {"reason": "never paid"}, as_=boss)["code"] == "already_paid"
    assert market.order(order_id)["status"] in ("paid", "confirmed")
