"""Who plays in a scenario: one buyer and one clerk, who do one thing after the other."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from souk.domains.orders.model.order import Order
from tests.simulation.buyers import Buyer
from tests.simulation.keepers import Keeper
from tests.simulation.provider import GOOD
from tests.simulation.world import World
from tests.support.shop import Answer

T = TypeVar("T")
A_WHILE = 30.0  # for everything that follows from a step, where nothing goes wrong


class People(NamedTuple):
    world: World
    buyer: Buyer
    clerk: Keeper

    def order(self, order_id: str) -> Order:
        return self.world.checker.orders[order_id]

    def wait(self) -> None:
        self.world.schedule.pause(A_WHILE)

    def then(self, step: Callable[..., T], *given: object) -> T:
        """The step, and all that follows from it."""
        answer = step(*given)
        self.wait()
        return answer

    def until(self, status: int, ask: Callable[..., Answer | None], *given: object) -> Answer:
        """Asked again until it is answered so."""
        answer = None
        while answer is None or answer.status != status:
            answer = ask(*given)
        return answer

    def pay(self, order_id: str, secret: str, card: str = GOOD) -> None:
        """The buyer pays, unless that is done, and comes back to the shop."""
        if secret:
            self.buyer.use_card(secret, card)
            self.buyer.ask("POST", f"/me/payments/{order_id}/return")

    def time_out(self, order_id: str) -> None:
        """The timer of an unpaid order goes off."""
        self.world.alone("CloseUnpaid", {"order_id": order_id, "correlation_id": "deadline"})

    def go_on(self) -> None:
        """What led here is another scenario's, in which it has failed already: from now on it is new."""
        self.world.wire.familiar = len(self.world.wire.places)


def people_of(world: World) -> People:
    return People(world, Buyer(world, "ines"), Keeper(world, steady=True))


Scenario = Callable[[People], object]


def abroad(scenario: Scenario) -> Scenario:
    """By a buyer who is charged in dollars."""

    def play_abroad(people: People) -> None:
        people.buyer.currency = "USD"
        scenario(people)

    return play_abroad
