"""What AWS carries: records of the stream, facts on the bus, timers; at least once, late, and out of order."""

import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from souk.table.port import Row
from tests.simulation.faults import Crash
from tests.support import files, template

if TYPE_CHECKING:
    from tests.simulation.world import World

SHARDS = 3
RETRIES_AFTER = (60.0, 120.0)  # what Lambda calls by itself, it calls again after these seconds
MOST_RECEIVED, UNSEEN = 5, 900.0  # a message of a queue, before it is dead, and the seconds until it is seen again
DELAYS = (5.0, 600.0, 6 * 3600.0, 3 * 86400.0)
EVERY = {"minutes": 60.0, "hours": 3600.0, "days": 86400.0}
DAY, SELDOM = 86400.0, 8 * 86400.0
AWAITED = 300.0  # between two looks at least, while somebody may pay
ONLY_COUNTS = {"FindStuckOrders"}  # for CloudWatch, where nobody looks here


Clocks = Collection[tuple[str, float]]
"""Functions that are called every so many seconds."""


class Reader(NamedTuple):
    """A function that reads the table's stream: what is new of one kind, so many at a time, after a while."""

    function: str
    batch: int
    window: float


@dataclass
class Timer:
    at: datetime
    target: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Letter:
    """An event on its way to a function."""

    function: str
    event: Any


class Delivery:
    def __init__(self, world: "World") -> None:
        self.world = world
        self.timers: dict[str, Timer] = {}
        self.dead: list[Letter] = []
        self.told: dict[str, dict[str, Any]] = {}  # facts that reached the bus
        self.handled: set[tuple[str, str]] = set()  # function and fact
        self._shards: dict[tuple[Reader, int], list[Row]] = defaultdict(list)
        self._reading: set[tuple[Reader, int]] = set()

    # -- the table's stream
    def record(self, row: Row) -> None:
        """An item is new; which shard it is in says nothing about what else was committed with it."""
        for reader in readers(row["kind"]):
            place = reader, self.world.schedule.chance.randrange(SHARDS)
            self._shards[place].append(row)
            if place not in self._reading:
                self._reading.add(place)
                delay = self.world.schedule.chance.uniform(0.05, 0.5) + reader.window
                self.world.schedule.spawn(f"stream {reader.function} {place[1]}", partial(self._read, place), delay)

    def _read(self, place: tuple[Reader, int]) -> None:
        """One batch after the other; what fails comes again, and the half of it by itself."""
        reader, shard = place[0], self._shards[place]
        most = reader.batch
        while shard:
            batch = shard[:most]
            if self.world.alone(reader.function, {"Records": [image(row) for row in batch]}) is not None:
                most = max(1, len(batch) // 2)
                self.world.schedule.pause(1.0)
                continue
            if not self.world.wire.fault("duplicate"):
                del shard[: len(batch)]
            most = reader.batch
        self._reading.discard(place)

    # -- the bus
    def publish(self, source: str, detail_type: str, detail: dict[str, Any]) -> None:
        event = {"id": detail["fact_id"], "source": source, "detail-type": detail_type, "detail": detail}
        self.told[detail["fact_id"]] = event
        for _ in range(2 if self.world.wire.fault("duplicate") else 1):
            self.tell(event)

    def tell(self, event: Any) -> None:
        for function in consumers(event["source"], event["detail-type"]):
            self.send(Letter(function, event))

    def send(self, letter: Letter, after: float | None = None) -> None:
        """To the function, within a second where nothing holds it up."""
        chance = self.world.schedule.chance
        delay = chance.choice(DELAYS) if self.world.wire.fault("delay") else 1.0
        after = chance.uniform(0.0, delay) if after is None else after
        self.world.schedule.spawn(letter.function, partial(self._deliver, letter), after=after)

    def _deliver(self, letter: Letter) -> None:
        tries = () if self.world.wire.fault("drop") else (0.0, *RETRIES_AFTER)
        for after in tries:
            self.world.schedule.pause(after)
            if self.world.alone(letter.function, json.loads(json.dumps(letter.event))) is None:
                if "detail-type" in letter.event:
                    self.handled.add((letter.function, letter.event["id"]))
                return
        self.world.wire.note(f"dead letter for {letter.function}")
        self.dead.append(letter)

    # -- the queues
    def enqueue(self, queue: str, body: str) -> None:
        for _ in range(2 if self.world.wire.fault("duplicate") else 1):
            after = self.world.schedule.chance.uniform(0.0, 1.0)
            self.world.schedule.spawn(f"queue {queue}", partial(self._take, queue, body), after=after)

    def _take(self, queue: str, body: str) -> None:
        """The message is seen again until its worker is done with it."""
        letter = Letter(worker(queue), {"Records": [{"messageId": "1", "body": body}]})
        for _ in range(MOST_RECEIVED):
            try:
                if not self.world.invoke(letter.function, letter.event)["batchItemFailures"]:
                    return
            except (Exception, Crash) as error:
                self.world.wire.note(f"{letter.function} failed: {type(error).__name__}")
            self.world.schedule.pause(UNSEEN)
        self.dead.append(letter)

    def redrive(self) -> None:
        """Every dead letter is sent once more."""
        dead, self.dead = self.dead, []
        for letter in dead:
            self.send(letter)

    # -- timers
    def set_timer(self, name: str, at: datetime, target: str, payload: dict[str, Any]) -> None:
        timer = self.timers[name] = Timer(at, target, payload)
        seconds = self.world.seconds_until(at)
        self.world.schedule.spawn(f"timer {target}", lambda: self._fire(name, timer), after=max(0.0, seconds))

    def _fire(self, name: str, timer: Timer) -> None:
        if self.timers.get(name) is not timer:
            return
        for _ in range(2 if self.world.wire.fault("duplicate") else 1):
            self.send(Letter(timer.target, timer.payload))
        self.world.schedule.pause(self.world.schedule.chance.uniform(0.0, 60.0))
        self.timers.pop(name, None)  # whoever set it anew meanwhile: the one that fired is deleted by its name

    def start_clocks(self, clocks: Clocks) -> None:
        """What the template calls every few minutes; less often while nothing happens or is due."""
        for function, every in clocks:
            self.world.schedule.spawn(f"every {function}", partial(self._tick, function, every), standing=True)

    def _tick(self, function: str, every: float) -> None:
        interval = every
        while True:
            before = self.world.table.commits
            self.world.schedule.pause(interval)
            faults, quiet = self.world.wire.faults, self.world.table.commits == before
            self.world.alone(function, {})
            seldom = max(AWAITED, every) if self.world.checker.payments_awaited else SELDOM
            if self.world.wire.faults != faults:  # what was kept from it, it asks for again the next day
                seldom = min(seldom, max(DAY, every))
            interval = min(interval * 4, seldom) if quiet else every


@cache
def worker(queue: str) -> str:
    """The function that works off the queue of that logical id."""
    return next(
        function.logical_id
        for function in template.functions()
        for event in function.events("SQS")
        if files.queue_of(event) == queue
    )


@cache
def consumers(source: str, detail_type: str) -> tuple[str, ...]:
    """The functions whose rules name the fact."""
    return tuple(
        function.logical_id
        for function in template.functions()
        for rule in function.events("EventBridgeRule")
        if source in rule["Pattern"]["source"] and detail_type in rule["Pattern"]["detail-type"]
    )


@cache
def regularly() -> tuple[tuple[str, float], ...]:
    def found() -> Iterator[tuple[str, float]]:
        for function in template.functions():
            for event in function.events("ScheduleV2"):
                kind, _, times = event["ScheduleExpression"][:-1].partition("(")
                if kind == "cron":  # what has its hour of the day fetches what others say: no order waits for it
                    continue
                number, unit = times.split()
                every = SELDOM if function.logical_id in ONLY_COUNTS else int(number) * EVERY[unit]
                yield function.logical_id, every

    return tuple(found())


@cache
def readers(kind: str) -> tuple[Reader, ...]:
    """The functions whose filters let new items of that kind pass."""
    return tuple(
        Reader(function.logical_id, event["BatchSize"], float(event.get("MaximumBatchingWindowInSeconds", 0)))
        for function in template.functions()
        for event in function.events("DynamoDB")
        for filter in event["FilterCriteria"]["Filters"]
        if kind in json.loads(filter["Pattern"])["dynamodb"]["NewImage"]["kind"]["S"]
    )


def image(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record as DynamoDB's stream writes it."""
    return {"eventName": "INSERT", "dynamodb": {"NewImage": {name: _typed(value) for name, value in row.items()}}}


def _typed(value: Any) -> dict[str, str]:
    match value:
        case bytes():
            return {"B": b64encode(value).decode()}
        case int():
            return {"N": str(value)}
    return {"S": str(value)}
