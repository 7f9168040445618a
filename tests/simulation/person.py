"""Somebody at the shop's doors."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from souk.kernel.caller import Caller
from tests.simulation.world import World
from tests.support.shop import Answer


class Person:
    """A steady one has no whims."""

    def __init__(self, world: World, caller: Caller, steady: bool) -> None:
        self.world, self.caller, self.steady = world, caller, steady

    @property
    def chance(self) -> Random:
        return self.world.schedule.chance

    def happens(self, likely: float) -> bool:
        return not self.steady and self.chance.random() < likely

    def spend(self, least: float, most: float) -> None:
        self.world.schedule.pause(self.chance.uniform(least, most))

    def besides(self, name: str, work: Callable[..., object], *given: Any, after: float = 0.0) -> None:
        """What does not keep it from going on."""
        self.world.schedule.spawn(name, partial(work, *given), after=after)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        return self.world.ask(method, path, {} if body is None and method == "POST" else body, as_=self.caller, **more)
