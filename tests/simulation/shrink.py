"""From a history that broke a promise to the fewest faults that still break it."""

from collections.abc import Callable, Mapping

from tests.simulation.faults import Dealt, Place, Plan
from tests.simulation.history import Outcome

Replay = Callable[[Plan], Outcome]


def shortest(faults: Mapping[Place, str], replay: Replay) -> tuple[Mapping[Place, str], Outcome]:
    """Faults are dropped, many at a time and then one, for as long as the same promise is broken without them."""
    outcome = replay(Dealt(faults))
    number, most = _number(outcome), max(1, len(faults) // 2)
    while most:
        for start in range(0, len(faults), most):
            fewer = {place: kind for at, (place, kind) in enumerate(faults.items()) if not start <= at < start + most}
            again = replay(Dealt(fewer))
            if again.violation and _number(again) == number:
                faults, outcome = fewer, again
                break
        else:
            most //= 2
    return faults, outcome


def _number(outcome: Outcome) -> str:
    """Of the promise: I5, I22, ..."""
    return str(outcome.violation).partition(":")[0]


def told(seed: int, faults: Mapping[Place, str], outcome: Outcome, lines: int | None = None) -> str:
    """What somebody who reads a failure needs: the seed, the faults, and how it came to that."""
    plan = [f"  {task} at its I/O {number}: {kind}" for (task, number), kind in faults.items()]
    trace = outcome.world.wire.trace[-lines:] if lines else outcome.world.wire.trace
    return "\n".join([*trace, f"seed {seed}: {outcome.violation or 'all promises held'}", "faults:", *plan])
