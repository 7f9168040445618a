"""How soon everything ends: what is given up is free again, and who has paid has an order or all the money back."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, product
from typing import NamedTuple

import pytest

from tests.simulation.delivery import Clocks, regularly
from tests.simulation.faults import IO_KINDS, Dealt, Place, Without
from tests.simulation.pairs import Fault
from tests.simulation.people import People
from tests.simulation.scenarios import play
from tests.simulation.steps import begun, placed

MINUTE = 60.0
POLLER, SWEEPER = ("PollPayments", "SweepOrders")
EVERY = dict(regularly())
SOON, IN_A_DAY = 15 * MINUTE, 24 * 60 * MINUTE
FREED_WITHIN = 60.0  # of the deadline, where nothing is broken
LOOKS = 1000  # at an order, while it waits
LONGEST_TRY = 60.0  # of whoever takes the place of what broke: its time-out, and a start
FINISHING = ("scenario", "stream TellFacts", "webhook", "TimeOrders", "CloseUnpaid", "every")


@dataclass
class Wait:
    """For an order to have an outcome; `reached` is every I/O until then of those who bring it about."""

    within: float
    reached: tuple[Place, ...] = ()

    def until(self, people: People, order_id: str, since: float) -> None:
        world = people.world
        while world.checker.orders[order_id].awaits_payment:
            took = world.schedule.now - since
            world.checker.need(took <= self.within, "P4", f"{order_id} waits after {took:.0f} s")
            world.schedule.pause(min(max(1.0, self.within / LOOKS), self.within - took + 1.0))
        self.reached = tuple(place for place in world.wire.places if place[0].startswith(FINISHING))


class Finisher(NamedTuple):
    """Who is left; the others never come."""

    absent: tuple[str, ...] = ("webhook", "CloseUnpaid")
    clocks: Clocks = ()
    comes_back: bool = False
    within: float = SOON
    method: str = "card"


def fails(reached: Sequence[Place]) -> Iterator[Fault]:
    """Each in every way with `make simulate CRASHES=1`; else with its process, and in another way by turns."""
    if "CRASHES" in os.environ:
        yield from product(reached, IO_KINDS)
    else:
        yield from zip(reached, cycle(kind for kind in IO_KINDS if kind != "crash_after"), strict=False)
        yield from product(reached, ["crash_after"])


POLLS = ((POLLER, EVERY[POLLER]),)
FINISHERS = {
    "webhook": Finisher(absent=("CloseUnpaid",)),
    "return page": Finisher(comes_back=True),
    "poller": Finisher(clocks=POLLS),
    "poller of WeChat Pay": Finisher(clocks=POLLS, method="wechat_pay"),
    "poller of Alipay": Finisher(clocks=POLLS, method="alipay"),
    "reconciler": Finisher(clocks=((SWEEPER, EVERY[SWEEPER]),), within=IN_A_DAY),
}


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("alone", FINISHERS)
def test_one_of_those_who_finish_a_payment_is_enough(alone: str) -> None:
    """Whoever it is, and whichever of its steps fails: paid within a quarter of an hour, or by the sweeper in a day."""
    absent, clocks, comes_back, within, method = FINISHERS[alone]

    def pay(people: People) -> None:
        people.buyer.methods = (method,)
        order_id, payment = begun(people)
        before = {*people.world.wire.places}
        people.buyer.pay_with_good(payment)
        since = people.world.schedule.now
        if comes_back:
            people.buyer.ask("POST", f"/me/payments/{order_id}/return")
        wait.until(people, order_id, since)
        wait.reached = tuple(place for place in wait.reached if place not in before)

    wait = Wait(within)
    end = play(pay, Without(absent), clocks, china=method != "card")
    assert end.violation is None and len(wait.reached) > 3, end.violation
    for place, kind in fails(wait.reached):
        end = play(pay, Without(absent, Dealt({place: kind})), clocks, china=method != "card")
        assert end.violation is None, (place, kind, end.violation)
        (order,) = end.world.checker.orders.values()
        assert order.status == "completed"


@pytest.mark.capability("INV-04")
def test_what_is_given_up_is_free_again_a_minute_after_its_time() -> None:
    """Or after the sweeper's next round, where the timer or a step of it fails."""

    def give_up(people: People) -> None:
        order_id, _ = placed(people)
        since = people.world.timestamp()
        deadline = people.world.checker.orders[order_id].pay_until.timestamp() - since
        wait.until(people, order_id, people.world.schedule.now + deadline)
        people.world.checker.need(not any(people.world.checker.reserved.values()), "P2", "not free")

    sweeps = ((SWEEPER, EVERY[SWEEPER]),)
    wait = Wait(FREED_WITHIN)
    assert play(give_up, clocks=sweeps).violation is None
    reached, wait.within = wait.reached, FREED_WITHIN + EVERY[SWEEPER] + LONGEST_TRY
    assert len(reached) > 10
    for place, kind in fails(reached):
        end = play(give_up, Dealt({place: kind}), sweeps)
        assert end.violation is None, (place, kind, end.violation)
    assert play(give_up, Without(("CloseUnpaid",)), sweeps).violation is None
