"""Who plays in a scenario: one buyer and one clerk, who do one thing after the other."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from souk.domains.orders.model.order import Order
from tests.simulation.buyers import Buyer
from tests.simulation.keepers import Keeper
from tests.simulation.world import World

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
