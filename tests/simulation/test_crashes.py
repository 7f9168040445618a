"""Every I/O of what befalls orders and goods fails once, in every way it can: the end is as good as if it had not."""

import os
from itertools import cycle

import pytest

from tests.simulation.faults import AFTER, IO_KINDS, Dealt
from tests.simulation.scenarios import SCENARIOS, perform, places

# The life of an order, in every way; all of the rest with `make simulate CRASHES=1`, and else at each I/O what a caller
# can tell apart, and the other ways by turns.
LIFE = ("delivered", "cancelled", "cancelled when paid", "refunded")
TOLD_APART = ("crash_before", "crash_after", "timeout_after")
BY_TURNS = ("timeout_before", "error_after", "throttle", "conflict")
EACH = tuple((kind,) for kind in IO_KINDS)
SOME = (*((kind,) for kind in TOLD_APART), BY_TURNS)
ALL = "CRASHES" in os.environ
CASES = [(name, kinds) for name in SCENARIOS for kinds in (EACH if ALL or name in LIFE else SOME)]


@pytest.mark.capability("INV-04")
@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize(
    ("scenario", "kinds"), CASES, ids=lambda given: given if isinstance(given, str) else "/".join(given)
)
def test_a_fault_at_any_io_breaks_no_promise(scenario: str, kinds: tuple[str, ...]) -> None:
    reached = places(scenario)
    assert len(reached) > 15
    whole = ALL or scenario in LIFE or not AFTER.issuperset(kinds)
    for place, kind in zip(
        (place for place, changes in reached.items() if whole or changes), cycle(kinds), strict=False
    ):
        outcome = perform(scenario, Dealt({place: kind}))
        assert outcome.world.wire.faults == 1, (place, "was not reached")
        assert outcome.violation is None, (place, kind, outcome.violation)
