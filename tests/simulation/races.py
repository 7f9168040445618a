"""Commands at once in every order of their I/O: where chance would have to be lucky, all of it is gone through.

Two orders that differ only in steps next to each other that have nothing to do with one another are the same: of those
the first is played (Mazurkiewicz traces).
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence

from tests.simulation.history import Outcome, concluded, ground
from tests.simulation.people import People, people_of
from tests.simulation.schedule import NOTHING, Entry, Schedule, Task
from tests.simulation.wire import LATENCY, READING
from tests.simulation.world import World

Racers = Sequence[Callable[[], object]]


class Script:
    """Who goes on, choice by choice: as given, and beyond that always the first."""

    def __init__(self, choices: Sequence[int] = ()) -> None:
        self._choices, self._options = list(choices), list[int]()

    def choose(self, options: int) -> int:
        at = len(self._options)
        self._options.append(options)
        if at == len(self._choices):
            self._choices.append(0)
        return self._choices[at]

    def following(self) -> "Script | None":
        """The next of all there are, once this one has been played; None after the last."""
        choices, options = self._choices[: len(self._options)], self._options
        while choices and choices[-1] + 1 == options[len(choices) - 1]:
            choices.pop()
        return Script([*choices[:-1], choices[-1] + 1]) if choices else None


class Raced(Schedule):
    """While a race is on nobody else runs, and the script says which of its tasks goes on."""

    def __init__(self, seed: int, script: Script) -> None:
        super().__init__(seed)
        self.racers: list[Task] = []
        self._script = script
        self._last: tuple[int, str] = (0, "")

    def _is_next(self, task: Task, at: float) -> bool:
        return not self.racers and super()._is_next(task, at)

    def _next(self) -> Entry:
        ready = {
            self.racers.index(one[2]): one for one in self._queue if one[2] in self.racers and one[3] == one[2].turn
        }
        if not ready:
            return super()._next()
        number = self._choose({at: entry[2].intent for at, entry in sorted(ready.items())})
        self._last = number, ready[number][2].intent
        self._queue.remove(ready[number])
        heapq.heapify(self._queue)
        return ready[number]

    def _choose(self, intents: Mapping[int, str]) -> int:
        """Not one whose step could as well have come before the last, for then it has been played so."""
        last, done = self._last
        new = [at for at, intent in intents.items() if at >= last or not _commute(intent, done)] or [*intents]
        return new[self._script.choose(len(new))]


def _commute(one: str, other: str) -> bool:
    """Two steps at different services, two that only read, or one that reads what the other does not write; of what is
    not told, nothing is known.
    """
    if not (one and other):
        return False
    if NOTHING in (one, other) or _service(one) != _service(other):
        return True
    writes = [what for what in (one, other) if not what.startswith(READING)]
    if len(writes) != 1:
        return not writes
    (reads,) = {one, other} - {*writes}
    verb, _, places = reads.partition(" ")
    match verb:
        case "read":
            return not any(place in writes[0] for place in places.split(", "))
        case "query" if places.startswith(" "):
            return places.strip() not in writes[0]
        case _:
            return False


def _service(intent: str) -> str:
    verb = intent.partition(" ")[0]
    return "table" if verb in ("read", "query", "write") else verb


def every_order(prepare: Callable[[People], Racers], units: int = 6) -> Iterator[Outcome]:
    """`prepare` leads up to the race and answers what is then done at once, in a shop with one store;
    each outcome is judged as any history.
    """
    script: Script | None = Script()
    while script:
        yield _run(prepare, script, units)
        script = script.following()


def _run(prepare: Callable[[People], Racers], script: Script, units: int) -> Outcome:
    schedule = Raced(1, script)
    world = World(1, rows=ground(by_hand=False, units=units, names=("Chiado",)).rows, schedule=schedule)

    def lead_up() -> None:
        works = prepare(people_of(world))
        schedule.pause(LATENCY)  # until no transaction is at work any more
        world.wire.latency = 0.0
        schedule.racers = [schedule.spawn("racer", lambda work=work: run(work)) for work in works]  # type: ignore[misc]

    def run(work: Callable[[], object]) -> None:
        work()
        if not any(task.thread for task in schedule.racers if task is not schedule.current):
            world.wire.latency = LATENCY

    return concluded(world, lambda: schedule.spawn("leads up", lead_up), clocks=())
