"""The life of a paid order, run by its definition: whatever happens meanwhile, it is prepared once and ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.market import INES, Market
from tests.support.order_life import Life, raising
from tests.support.table import calls

# The calls to the table of the step that prepares and then waits, in a process that has just begun.
STEP = ["read", "read", "write", "read", "write", "read"]
MOMENTS = range(1, len(STEP) + 1)


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
    life.market.set_up(confirm_by_hand=True)
    life.bought()
    life.steps.work()
    if not in_time:
        life.run().time_out()
        life.steps.work()
    assert (life.status(), life.picks(), life.run().waits_at) == ("paid", [], "AwaitShipment")
    life.confirm()
    life.end()


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


def meanwhile(life: Life, monkeypatch: pytest.MonkeyPatch, moment: int, deed: Callable[[Life], None]) -> None:
    """Another order, to which this is done after so many calls of its first step."""
    life.bought()
    with monkeypatch.context() as patch:
        made = calls(patch, of="AwaitShipment", then=lambda number: deed(life) if number == moment else None)
        life.steps.work()
        assert len(made) >= moment
