"""A paid order with the workflow that is at work on it, and what its buyer and staff do to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from souk.kernel import kept
from tests.support.market import INES, Market
from tests.support.step_functions import Execution, StepFunctions


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


def raising(error: type[Exception], at: int | None = None) -> Callable[..., None]:
    """After one call to the table, or after each."""

    def fails(number: object, *_: object) -> None:
        if at in (None, number):
            raise error

    return fails
