"""The life of a paid order, run by its definition: whatever happens meanwhile, it is prepared once and ends."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from souk.gateways import aws, workflows
from souk.kernel import kept
from souk.kernel.errors import Unavailable
from tests.support import template
from tests.support.market import INES, Market
from tests.support.step_functions import Execution, StepFunctions
from tests.support.table import before_next_write, calls

# The calls to the table of the step that prepares and then waits, in a process that has just begun.
STEP = ["read", "read", "write", "read", "write", "read"]
MOMENTS = range(1, len(STEP) + 1)


@dataclass
class Life:
    """Of one order after the other, in two stores; `order_id` is the last one's."""

    market: Market
    steps: StepFunctions
    stores: list[str] = field(default_factory=list)
    order_id: str = ""

    def bought(self) -> None:
        """Paid, and its workflow started; nothing of that has been done yet."""
        kept.forget_all()
        self.order_id = self.market.buy({"CUP": 2})

    def status(self) -> str:
        return str(self.market.order(self.order_id)["status"])

    def store_id(self) -> str:
        return str(self.market.order(self.order_id)["store_id"])

    def runs(self) -> list[Execution]:
        return [one for name, one in self.steps.executions.items() if name.startswith(self.order_id)]

    def run(self) -> Execution:
        (only,) = self.runs()
        return only

    def picks(self) -> list[str]:
        """The stores that have a task to pick the order."""
        return [pick["store_id"] for pick in self.market.shop.rows("Pick") if pick["order_id"] == self.order_id]

    def confirmed_by(self) -> list[str]:
        """The stores that were told to have confirmed it."""
        facts = self.market.shop.facts("OrderConfirmed")
        return [fact["store_id"] for fact in facts if fact["order_id"] == self.order_id]

    def desk(self, move: str, **said: Any) -> None:
        self.market.shop.post(f"/staff/{move}".format(self.order_id), said, as_=self.market.shop.boss).ok()

    def confirm(self) -> None:
        """By hand; who is too late for it is told that it has been done."""
        answer = self.market.shop.post(f"/staff/orders/{self.order_id}/confirm", as_=self.market.shop.boss)
        assert answer.status == 200 or (answer.status, answer["state"]) == (409, "confirmed")

    def cancel(self) -> None:
        self.market.cancel(self.order_id).ok()

    def decline(self) -> None:
        self.desk("handling/{}/decline", store_id=self.store_id(), reason="no")

    def redrive(self) -> None:
        self.desk("orders/{}/redrive")

    def sweep(self) -> None:
        self.market.shop.clock.at += timedelta(minutes=16)
        self.market.shop.invoke("SweepOrders", {})

    def ship(self, **units: int) -> None:
        parcel = {"units": units} if units else {}
        self.market.ship(self.order_id, tracking_number=f"T-{self.market.shop.next_number():04d}", **parcel).ok()

    def shipped_and_forgotten(self) -> None:
        self.ship()
        self.steps.work()
        self.run().time_out()

    def receive(self) -> None:
        self.market.shop.post(f"/me/orders/{self.order_id}/received", as_=INES).ok()

    def end(self) -> None:
        """What is left of its way, after all that follows by itself; a run that lost its token waits its time out."""
        self.steps.work()
        confirmed_by = self.confirmed_by()
        assert self.status() == "confirmed" and len({*confirmed_by}) == len(confirmed_by)
        assert self.picks() == [self.store_id()] and self.store_id() in confirmed_by
        self.ship()
        self.steps.work()
        self.receive()
        self.steps.work()
        for run in self.runs():
            if run.waits_at:
                run.time_out()
                self.steps.work()
        assert {(run.status, run.error) for run in self.runs()} == {("SUCCEEDED", "")}


@pytest.fixture
def life(market: Market, monkeypatch: pytest.MonkeyPatch) -> Life:
    market.shop.keep_in_memory()
    stores = [market.store(f"Souk {rank}", rank=rank) for rank in (1, 2)]
    market.goods({"CUP": 1000}, dict.fromkeys(stores, 50))
    return Life(market, StepFunctions(market.shop, monkeypatch), stores)


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


@pytest.mark.capability("ORD-07")
def test_an_order_is_prepared_shipped_and_received_in_two_steps(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.bought()
    made = calls(monkeypatch, of="AwaitShipment")
    life.steps.work()
    assert life.status() == "confirmed" and life.picks() == life.stores[:1]
    assert made == STEP and life.run().waits_at == "AwaitShipment"
    life.ship(CUP=1)
    life.steps.work()
    assert life.run().waits_at == "AwaitShipment", "a part of it is not all"
    life.ship(CUP=1)
    assert life.run().waits_at == "AwaitShipment", "a command is done before its workflow hears of it"
    life.steps.work()
    assert life.run().waits_at == "AwaitReceipt"
    life.receive()
    life.steps.work()
    assert (life.run().status, life.run().entered) == ("SUCCEEDED", ["AwaitShipment", "AwaitReceipt"])


def test_a_step_that_breaks_off_anywhere_is_tried_again_and_prepares_once(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = type("Sandbox.Timedout", (Exception,), {})
    for moment in MOMENTS:
        life.bought()
        with monkeypatch.context() as patch:
            made = calls(patch, of="AwaitShipment", then=raising(killed, at=moment))
            life.steps.work()
            assert len(made) > moment, "it was not tried again"
        life.end()
        assert life.run().entered == ["AwaitShipment", "AwaitReceipt"]


@pytest.mark.parametrize("deed", [Life.confirm, Life.sweep, Life.decline, Life.redrive], ids=lambda deed: deed.__name__)
def test_whatever_is_done_to_an_order_while_it_is_prepared_it_is_prepared_once_and_ends(
    life: Life, monkeypatch: pytest.MonkeyPatch, deed: Callable[[Life], None]
) -> None:
    for moment in MOMENTS:
        meanwhile(life, monkeypatch, moment, deed)
        life.end()


def test_an_order_cancelled_while_it_is_prepared_is_not_picked_and_its_life_ends(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment in MOMENTS:
        meanwhile(life, monkeypatch, moment, Life.cancel)
        assert (life.status(), life.picks()) == ("cancelled", [])
        assert (life.run().status, life.run().entered) == ("SUCCEEDED", ["AwaitShipment", "UnprepareOrder"])
    assert life.market.stock("CUP")["reserved"] == 0


def test_an_order_cancelled_before_or_after_it_was_prepared_ends_in_the_same_way(life: Life) -> None:
    for prepared in (False, True):
        life.bought()
        if prepared:
            life.steps.work()
        life.cancel()
        life.steps.work()
        assert (life.run().status, life.run().entered) == ("SUCCEEDED", ["AwaitShipment", "UnprepareOrder"])
        assert life.picks() == []


def test_a_shipment_that_is_overdue_is_told_each_time_and_the_wait_goes_on(life: Life) -> None:
    life.bought()
    life.steps.work()
    before = life.market.order(life.order_id)
    for _ in range(2):
        life.run().time_out()
        life.steps.work()
    assert life.run().entered == ["AwaitShipment", *["ChaseShipment", "AwaitShipment"] * 2]
    assert [fact["order_id"] for fact in life.market.shop.facts("ShipmentOverdue")] == [life.order_id] * 2
    assert life.market.order(life.order_id) == before
    life.end()


def test_an_order_that_nobody_says_has_arrived_counts_as_received(life: Life) -> None:
    life.bought()
    life.steps.work()
    life.ship()
    life.steps.work()
    life.run().time_out()
    assert (life.run().status, life.status()) == ("SUCCEEDED", "received")


@pytest.mark.parametrize("in_time", [True, False])
def test_an_order_that_its_store_confirms_itself_waits_until_it_has(life: Life, in_time: bool) -> None:
    shop = life.market.shop
    shop.put("/staff/settings", {"confirm_by_hand": True, "version": 0}, as_=shop.boss).ok()
    kept.forget_all()
    life.bought()
    life.steps.work()
    if not in_time:
        life.run().time_out()
        life.steps.work()
    assert (life.status(), life.picks(), life.run().waits_at) == ("paid", [], "AwaitShipment")
    life.confirm()
    life.end()


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


@pytest.mark.capability("ORD-19")
def test_a_paid_order_is_allocated_laid_out_and_told_of_without_anybody(life: Life) -> None:
    """Nobody but the buyer and the shop itself has a hand in it."""
    life.bought()
    life.steps.work()
    order, shop = life.market.order(life.order_id), life.market.shop
    assert (order["status"], order["store_id"], life.picks()) == ("confirmed", life.stores[0], life.stores[:1])
    assert {step["by"].partition(":")[0] for step in order["history"]} == {INES.id, "system"}
    store = shop.get("/staff/messages", as_=shop.boss, store_id=life.stores[0]).ok()["items"]
    buyer = shop.get("/me/messages", as_=INES).ok()["items"]
    assert [one["topic"] for one in (*store, *buyer)] == ["order_to_prepare", "order_paid"]


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


def test_a_redrive_that_breaks_off_leaves_the_order_parked_for_all_to_see(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        broken(patch, "AwaitShipment")
        life.bought()
        life.steps.work()
    with monkeypatch.context() as patch:
        patch.setattr(workflows, "start", raising(Unavailable))
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


def test_an_order_with_an_open_case_has_one_timer_however_often_the_timer_fires(life: Life) -> None:
    market = life.market
    life.bought()
    life.steps.work()
    life.ship()
    life.receive()
    wish = {"order_id": life.order_id, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "damaged"}
    market.shop.post("/me/refunds", wish, as_=INES).ok()
    for _ in range(2):
        market.shop.invoke("CompleteOrder", {"order_id": life.order_id})
    assert [target for _, _, target, _ in market.shop.timers()].count("CompleteOrder") == 1
    assert life.status() == "received"


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


def raising(error: type[Exception], at: int | None = None) -> Callable[..., None]:
    """After one call to the table, or after each."""

    def fails(number: object, *_: object) -> None:
        if at in (None, number):
            raise error

    return fails


def meanwhile(life: Life, monkeypatch: pytest.MonkeyPatch, moment: int, deed: Callable[[Life], None]) -> None:
    """Another order, to which this is done after so many calls of its first step."""
    life.bought()
    with monkeypatch.context() as patch:
        made = calls(patch, of="AwaitShipment", then=lambda number: deed(life) if number == moment else None)
        life.steps.work()
        assert len(made) >= moment
