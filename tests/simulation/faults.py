"""What goes wrong: kinds of faults, and the plans that say which I/O of which task meets one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Protocol
from zlib import crc32

# What may befall one I/O. `late`: it is not answered, and lands after whoever asked has given up; `slow` is no more.
IO_KINDS = ("crash_before", "crash_after", "timeout_before", "timeout_after", "error_after", "throttle", "conflict")
LATE, SLOW = "late", "slow"
# What may befall a message on its way, a reading, an instance, an execution or the provider. `older`: it tells of
# something as it did before an upgrade; `broken`: it does nothing, and answers 500 to that key for a day.
WAYS = ("duplicate", "delay", "drop", "lag", "torn", "cold", "skew", "rerun", "abort", "outage", "older", "broken")
KINDS = (*IO_KINDS, LATE, SLOW, *WAYS)
# What has but a few chances in a history takes each of them that much oftener.
OFTENER = dict.fromkeys(("duplicate", "delay", "drop", "rerun", "abort", "outage", "older"), 5) | {"broken": 20}
AFTER = frozenset({"crash_after", "timeout_after", "error_after"})
TIMEOUTS = frozenset({"timeout_before", "timeout_after", LATE})
BURSTS = (1, 1, 1, 2, 4, 14)  # calls in a row of one task: one that is repeated at once may fail again


class Crash(BaseException):
    """The process of the function is gone; nothing of ours catches it."""


Place = tuple[str, int]
"""A task and which of its chances to fail this is: it keeps its name when faults elsewhere are dropped."""


class Plan(Protocol):
    """`dealt` is what has happened by it, or is to happen."""

    @property
    def dealt(self) -> Mapping[Place, str]: ...

    def at(self, place: Place, kinds: tuple[str, ...]) -> str | None:
        """The fault that happens here, one of the kinds that can."""


@dataclass
class Drawn:
    """By chance, of some kinds only; what was drawn is written down so that it can be dealt again."""

    seed: int
    kinds: frozenset[str]
    rate: float
    dealt: dict[Place, str] = field(default_factory=dict)
    _bursts: dict[str, tuple[str, int]] = field(default_factory=dict)

    def at(self, place: Place, kinds: tuple[str, ...]) -> str | None:
        if self.kinds.isdisjoint(kinds):
            return None
        task, _ = place
        kind, left = self._bursts.get(task, ("", 0))
        if not (left and kind in kinds):
            drawn = f"{self.seed}/{place}"
            rate = self.rate * OFTENER.get(kinds[0], 1)
            if crc32(drawn.encode()) >= rate * 2**32:
                return None
            chance = Random(drawn)
            kind, left = chance.choice([one for one in kinds if one in self.kinds]), 1
            if kind in (*IO_KINDS, SLOW) and not kind.startswith("crash"):
                left = chance.choice(BURSTS)
        self._bursts[task] = (kind, left - 1)
        self.dealt[place] = kind
        return kind


@dataclass(frozen=True)
class Dealt:
    """Exactly these."""

    dealt: Mapping[Place, str]

    def at(self, place: Place, kinds: tuple[str, ...]) -> str | None:
        kind = self.dealt.get(place)
        return kind if kind in kinds else None


NONE = Dealt({})


@dataclass(frozen=True)
class Without:
    """A plan that keeps these tasks from ever beginning, besides what it deals otherwise."""

    tasks: tuple[str, ...]
    plan: Plan = NONE

    @property
    def dealt(self) -> Mapping[Place, str]:
        return self.plan.dealt

    def at(self, place: Place, kinds: tuple[str, ...]) -> str | None:
        if "drop" in kinds and place[0].startswith(self.tasks):
            return "drop"
        return self.plan.at(place, kinds)


@dataclass(frozen=True)
class Always:
    """Wherever it can happen."""

    kind: str
    dealt: Mapping[Place, str] = field(default_factory=dict)

    def at(self, place: Place, kinds: tuple[str, ...]) -> str | None:
        return self.kind if self.kind in kinds else None


def drawn(seed: int) -> Drawn:
    """The plan of a seed: a few kinds, at a rate that leaves some calls alone."""
    chance = Random(f"{seed}/plan")
    kinds = chance.sample(KINDS, chance.randrange(0, 8))
    return Drawn(seed, frozenset(kinds), chance.choice((0.01, 0.03, 0.1)))
