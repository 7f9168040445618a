"""Who runs when: greenlets on one virtual clock. Nothing else decides, so a seed names one history."""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from souk.kernel import ids

FOREVER = 100 * 365 * 86400.0
NOTHING = "nothing"  # that others could see


class Task:
    """Work that may wait. Its chance is its own, drawn from its name: what others do does not change its luck."""

    def __init__(self, name: str, seed: int, work: Callable[[], object], hub: greenlet, standing: bool) -> None:
        self.name, self.standing = name, standing
        self.chance = random.Random(f"{seed}/{name}")
        self.turn = 0
        self.intent = NOTHING  # what it does when it goes on; empty where nobody knows
        self.instance: Any = None  # of the function that it runs; it makes room for others while it waits
        self.thread = greenlet(work, hub)


class Signal:
    """Something that one task waits for, and another brings about."""

    def __init__(self) -> None:
        self.given: object = None
        self.waiting: Task | None = None


Entry = tuple[float, int, Task, int]
"""When a task wants to go on; void where it has had another turn since."""


class Schedule:
    """A task runs until it waits; of those whose time has come first, the one that asked first goes on.

    `standing` tasks go on for ever: the schedule is idle when nothing but them is left.
    """

    def __init__(self, seed: int) -> None:
        self.seed, self.now, self._until = seed, 0.0, 0.0
        self.idle_chance = random.Random(f"{seed}/nobody")
        self._names: Counter[str] = Counter()
        self._queue: list[Entry] = []
        self._order, self._busy = count(), 0
        self.current: Task | None = None  # the task that runs; none while the world is being set up
        self._hub = getcurrent()

    @property
    def chance(self) -> random.Random:
        return self.current.chance if self.current else self.idle_chance

    def spawn(self, name: str, work: Callable[[], object], after: float = 0.0, standing: bool = False) -> Task:
        self._names[name] += 1
        task = Task(f"{name}.{self._names[name]}", self.seed, work, self._hub, standing)
        self._enter(task, after)
        return task

    def pause(self, seconds: float, then: str = "") -> None:
        """Lets the others run for so long, and `then` does what it says. Before the first task runs, nothing else
        does: time stands still.
        """
        task = self.current
        if task is None:
            return
        if self._is_next(task, self.now + seconds):
            self.now += seconds
            return
        task.intent = then
        self._enter(task, seconds)
        instance = task.instance
        if instance:
            instance.put_away()
        self._hub.switch()
        if instance:
            instance.take_out()

    def wait(self, signal: Signal, seconds: float) -> object:
        """What the signal was given; None where it was not in that time."""
        if signal.given is None:
            signal.waiting = self.current
            self.pause(seconds)
            signal.waiting = None
        return signal.given

    def give(self, signal: Signal, what: object) -> None:
        signal.given = what
        if task := signal.waiting:
            signal.waiting = None
            task.turn += 1  # what it was to wake up at is void
            self._busy -= not task.standing
            self._enter(task, 0.0)

    @property
    def idle(self) -> bool:
        """Only the standing tasks are left."""
        return not self._busy

    def run(self, seconds: float = FOREVER) -> None:
        """For so long, or until it is idle."""
        until = self._until = self.now + seconds
        while self._busy and self._queue[0][0] <= until:
            at, _, task, turn = self._next()
            if turn != task.turn:
                continue
            self._busy -= not task.standing
            self.now = max(self.now, at)
            self.current = task
            ids.use(task.chance)
            task.thread.switch()
            self.current = None
        if self._busy:
            self.now = until

    def end(self) -> None:
        """Every task that waits is ended where it stands."""
        for _, _, task, _ in self._queue:
            if task.thread:
                task.thread.throw(GreenletExit)
        self._queue.clear()

    def _is_next(self, task: Task, at: float) -> bool:
        """Whether nobody would run before it, so that it may as well go on by itself."""
        goes_on = at <= self._until and (self._busy or not task.standing)
        return bool(goes_on) and (not self._queue or at < self._queue[0][0])

    def _next(self) -> Entry:
        return heapq.heappop(self._queue)

    def _enter(self, task: Task, after: float) -> None:
        self._busy += not task.standing
        heapq.heappush(self._queue, (self.now + after, next(self._order), task, task.turn))
