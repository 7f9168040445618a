"""A paid order whose workflow breaks off: the step is tried again, or the order parked until another run begins."""

import importlib
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from souk.gateways import aws
from souk.kernel.errors import Unavailable
from tests.support import template
from tests.support.order_life import Life, raising
from tests.support.step_functions import Execution
from tests.support.table import before_next_write, calls


def said(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendTaskSuccess")


PASSING = [
    said("ThrottlingException", 400),
    said("ProvisionedThroughputExceededException", 400),
    said("SomethingOfItsOwn", 503),
    EndpointConnectionError(endpoint_url="https://states"),
    ReadTimeoutError(endpoint_url="https://states"),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_a_step_that_met_what_passes_by_itself_is_tried_again(
    life: Life, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert _told_after(life, monkeypatch, error).status == "SUCCEEDED"


def test_a_step_that_may_not_do_what_it_must_is_not_tried_again(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _told_after(life, monkeypatch, said("AccessDeniedException", 400))
    assert (run.status, run.error) == ("FAILED", "ClientError")


def _told_after(life: Life, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Execution:
    """The run of an order that is received before its workflow begins, so that each step tells itself to go on."""
    left, states = [error], aws.client("stepfunctions")
    tell = states.send_task_success

    def tell_at_last(**said: Any) -> Any:
        if left:
            raise left.pop()
        return tell(**said)

    monkeypatch.setattr(states, "send_task_success", tell_at_last)
    life.bought()
    life.confirm()
    life.ship()
    life.receive()
    life.steps.work()
    assert not left
    return life.run()


@pytest.mark.capability("ORD-19")
@pytest.mark.parametrize("step", ["AwaitShipment", "AwaitReceipt", "ChaseShipment", "ReceiveOrder", "UnprepareOrder"])
def test_a_step_that_fails_after_all_tries_parks_the_order_until_staff_start_it_again(
    life: Life, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    shop = life.market.shop
    with monkeypatch.context() as patch:
        made = broken(patch, step)
        life.bought()
        life.steps.work()
        LEADS_TO[step](life)
        life.steps.work()
        assert (life.run().status, life.run().error, len(made)) == ("FAILED", "Unavailable", 7)
    (parked,) = shop.get("/staff/handling/parked", as_=shop.boss).ok()["items"]
    assert (parked["order_id"], parked["failure"]) == (life.order_id, "Unavailable")
    assert parked["number"] == life.market.order(life.order_id)["number"]
    others = shop.staff("orders.read", stores=(life.stores[1],))
    assert shop.get("/staff/handling/parked", as_=others).ok()["items"] == []
    (told,) = (
        one for one in shop.get("/staff/messages", as_=shop.boss).ok()["items"] if one["topic"] == "order_parked"
    )
    assert told["about"] == life.order_id

    life.redrive()
    assert shop.get("/staff/handling/parked", as_=shop.boss).ok()["items"] == []
    life.steps.work()
    if life.runs()[-1].waits_at == "AwaitShipment":
        life.ship()
        life.steps.work()
    if life.runs()[-1].waits_at == "AwaitReceipt":
        life.receive()
        life.steps.work()
    assert life.runs()[-1].status == "SUCCEEDED" and life.status() in ("received", "cancelled")


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_a_redrive_that_breaks_off_leaves_the_order_parked_for_all_to_see(
    life: Life, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with monkeypatch.context() as patch:
        broken(patch, "AwaitShipment")
        life.bought()
        life.steps.work()
    with monkeypatch.context() as patch:
        patch.setattr(aws.client("stepfunctions"), "start_execution", Mock(side_effect=error))
        path, boss = f"/staff/orders/{life.order_id}/redrive", life.market.shop.boss
        assert life.market.shop.post(path, as_=boss).status == 503
    assert len(life.market.shop.get("/staff/handling/parked", as_=boss).ok()["items"]) == 1
    life.redrive()
    life.steps.work()
    assert (life.status(), life.runs()[-1].waits_at) == ("confirmed", "AwaitShipment")


def test_a_redrive_and_the_first_step_at_once_are_both_done(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.bought()
    before_next_write(monkeypatch, lambda: life.market.lay_out(life.order_id), of="Life")
    life.redrive()
    life.steps.work()
    assert (life.status(), life.runs()[-1].waits_at) == ("confirmed", "AwaitShipment")


STEPS_TO: dict[str, tuple[Callable[[Life], None], ...]] = {
    "confirmed": (),
    "part_shipped": (lambda life: life.ship(CUP=1),),
    "shipped": (Life.ship,),
    "received": (Life.ship, Life.receive),
    "completed": (Life.ship, Life.receive, lambda life: life.desk("orders/{}/complete")),
    "cancelled": (Life.cancel,),
}


STANDS_AT = {"confirmed": "AwaitShipment", "part_shipped": "AwaitShipment", "shipped": "AwaitReceipt"}


@pytest.mark.parametrize("status", STEPS_TO)
def test_a_life_that_begins_again_goes_on_where_its_order_is_and_changes_nothing(life: Life, status: str) -> None:
    life.bought()
    life.steps.work()
    for move in STEPS_TO[status]:
        move(life)
        life.steps.work()
    before = life.market.order(life.order_id)
    assert before["status"] == status
    life.redrive()
    life.steps.work()
    fresh = life.runs()[-1]
    assert len(life.runs()) == 2 and life.market.order(life.order_id) == before
    assert (fresh.waits_at, fresh.status) == (STANDS_AT.get(status), "RUNNING" if status in STANDS_AT else "SUCCEEDED")


@pytest.mark.parametrize(("error", "attempts"), [(Unavailable, 7), (ZeroDivisionError, 1)])
def test_a_life_that_fails_is_seen_and_its_order_is_lived_to_the_end_without_it(
    life: Life, monkeypatch: pytest.MonkeyPatch, error: type[Exception], attempts: int
) -> None:
    life.bought()
    with monkeypatch.context() as patch:
        made = calls(patch, of="AwaitShipment", then=raising(error))
        life.steps.work()
    assert (life.run().status, life.run().error, len(made)) == ("FAILED", error.__name__, attempts)
    assert life.status() == "paid"
    life.sweep()
    life.market.shop.drain()
    assert life.status() == "confirmed" and life.picks()
    life.ship()
    life.market.shop.pass_time(days=60)
    life.market.shop.drain()
    life.market.shop.pass_time(days=60)
    assert life.status() == "completed"


LEADS_TO: dict[str, Callable[[Life], None]] = {
    "AwaitShipment": lambda life: None,
    "AwaitReceipt": Life.ship,
    "ChaseShipment": lambda life: life.run().time_out(),
    "ReceiveOrder": lambda life: life.shipped_and_forgotten(),
    "UnprepareOrder": Life.cancel,
}


def broken(patch: pytest.MonkeyPatch, step: str) -> list[str]:
    """From now on every try of that step fails; fills with its tries."""
    tries: list[str] = []
    module = importlib.import_module(next(one.module for one in template.functions() if one.logical_id == step))

    def fail(event: Any, context: Any) -> None:
        tries.append(step)
        raise Unavailable

    patch.setattr(module, "handler", fail)
    return tries
