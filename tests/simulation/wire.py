"""The wire between a function and everything else: every I/O waits here, and meets its fault here."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler.api_gateway import BaseRouter

from tests.simulation.faults import AFTER, IO_KINDS, LATE, NONE, SLOW, TIMEOUTS, Crash, Place, Plan
from tests.simulation.schedule import NOTHING, Schedule, Task

T = TypeVar("T")
HANGS = 3.0  # seconds until a call that gets no answer is given up
LATENCY = 0.02
SKEW = 5.0
READING = (
    "read ",
    "query ",
    "Stripe GET ",
    "WechatPay GET ",
    "Alipay alipay.trade.query",
    "Alipay alipay.trade.fastpay.refund.query",
    "SecretsManager ",
)
AWHILE = 12.0  # within which a call lands that was given up


class TimedOut(Crash):
    """Lambda ended the function, for its time was over."""


@dataclass
class Instance:
    """One process of a function at work on one event: what its library keeps of the event is its own."""

    module: ModuleType
    ends_at: float
    skew: float = 0.0  # seconds by which its clock is wrong
    router: tuple[Any, ...] = ()

    def put_away(self) -> None:
        app = getattr(self.module, "app", None)
        event, context = getattr(BaseRouter, "current_event", None), getattr(BaseRouter, "lambda_context", None)
        self.router = (event, context, dict(app.context) if app else {})

    def take_out(self) -> None:
        BaseRouter.current_event, BaseRouter.lambda_context, said = self.router
        if app := getattr(self.module, "app", None):
            app.context.clear()
            app.context.update(said)


@dataclass
class Wire:
    schedule: Schedule
    plan: Plan = NONE
    latency: float = LATENCY  # at most, of either way; none where nothing counts but the order of effects
    trace: list[str] = field(default_factory=list)
    faulty: bool = True
    calls: Counter[Task] = field(default_factory=Counter)
    places: list[Place] = field(default_factory=list)
    reads: set[Place] = field(default_factory=set)  # those of them that change nothing
    familiar: int = 0  # how many of these another scenario has been through
    faults: int = 0

    def note(self, what: str) -> None:
        task = self.schedule.current
        self.trace.append(f"{self.schedule.now:.3f} {task.name if task else '-'} {what}")

    def fault(self, *kinds: str) -> str | None:
        """Whether one of these goes wrong here and now."""
        task = self.schedule.current
        if task is None or not self.faulty:
            return None
        place = task.name, self.calls[task]
        self.calls[task] += 1
        kind = self.plan.at(place, kinds)
        if kind:
            self.faults += 1
            self.note(f"FAULT {place[1]} {kind}")
        return kind

    def call(self, what: str, do: Callable[[], T], failed: Callable[[str], Exception]) -> T:
        """One I/O of a function: `do` is what the other side does, `failed` what the caller meets where it fails."""
        task = self.schedule.current
        instance = self._instance
        if task is None or instance is None:
            self._wait(None, self.latency)
            return do()
        if self.faulty:
            self.places.append((task.name, self.calls[task]))
            if what.startswith(READING):
                self.reads.add(self.places[-1])
        kind = self.fault(*IO_KINDS, LATE, SLOW)
        self.note(what)
        self._wait(instance, self.latency if kind != SLOW else HANGS, then=what)
        kind = kind if kind != SLOW else None
        if kind == "crash_before":
            raise Crash
        if kind == LATE:
            self.schedule.spawn(f"late {what}", lambda: _answered(do, kind), after=task.chance.uniform(0.0, AWHILE))
        if kind is None or kind in AFTER:
            answer = _answered(do, kind)
            if self.latency:
                self._wait(instance, self.latency)
        if kind == "crash_after":
            raise Crash
        if kind in TIMEOUTS:
            self._wait(instance, HANGS)
        if kind:
            raise failed(kind)
        return answer

    def clock(self) -> float:
        """The time as whoever runs now knows it."""
        return self.schedule.now + (self._instance.skew if self._instance else 0.0)

    def pause(self, seconds: float) -> None:
        """What the code itself waits for."""
        self._wait(self._instance, seconds, exactly=True, then=NOTHING)

    @contextmanager
    def running(self, module: ModuleType, seconds: float) -> Iterator[Instance]:
        """The function at work in the current task, for so long at most."""
        task = self.schedule.current
        instance = Instance(module, self.schedule.now + seconds)
        if self.fault("skew"):
            instance.skew = self.schedule.chance.uniform(-SKEW, SKEW)
        if task is None:
            yield instance
            return
        task.instance = instance
        try:
            yield instance
        finally:
            task.instance = None

    @property
    def _instance(self) -> Instance | None:
        """The one at work now."""
        task = self.schedule.current
        return task.instance if task else None

    def _wait(self, instance: Instance | None, seconds: float, exactly: bool = False, then: str = "") -> None:
        if instance is None:
            self.schedule.pause(self.schedule.chance.uniform(0.0, seconds))
            return
        self.schedule.pause(seconds if exactly else self.schedule.chance.uniform(0.0, seconds), then)
        if self.schedule.now > instance.ends_at:
            raise TimedOut


def _answered(do: Callable[[], T], kind: str | None) -> Any:
    """What the other side says, even where it says no; unheard where the answer is lost."""
    try:
        return do()
    except Exception:
        if kind is None:
            raise
        return None
