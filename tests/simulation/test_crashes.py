"""Every I/O of what befalls orders and goods fails once, in every way it can: the end is as good as if it had not."""

import os
from itertools import cycle

import pytest

from tests.simulation.faults import AFTER, IO_KINDS, Always, Dealt
from tests.simulation.scenarios import SCENARIOS, perform, places

# The life of an order, in every way; all of the rest with `make simulate CRASHES=1`. Else what changes something each
# time ends with its process, and loses its answer; the other ways go by turns over all I/O: what only reads is the same
# before and after, and wherever a process ends between two changes, it leaves the same behind.
LIFE = ("delivered", "cancelled", "cancelled when paid", "refunded")
BY_TURNS = ("crash_before", "timeout_before", "error_after", "throttle", "conflict")
EACH = tuple((kind,) for kind in IO_KINDS)
SOME = (("crash_after",), ("timeout_after",), BY_TURNS)
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
    fails = [place for place, changes in reached.items() if whole or changes]
    for place, kind in zip(fails, cycle(kinds), strict=False):
        outcome = perform(scenario, Dealt({place: kind}))
        assert outcome.world.wire.faults == 1, (place, "was not reached")
        assert outcome.violation is None, (place, kind, outcome.violation)


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_provider_that_tells_as_before_an_upgrade_breaks_no_promise(scenario: str) -> None:
    outcome = perform(scenario, Always("older"))
    assert outcome.violation is None, outcome.violation
