"""Every I/O of what befalls orders and goods fails once, in every way it can: the end is as good as if it had not."""

import os
from itertools import cycle

import pytest

from tests.simulation.faults import IO_KINDS, Always, Dealt
from tests.simulation.scenarios import SCENARIOS, perform, places

# With `make simulate CRASHES=1` every I/O fails in every way. Else what changes something does so where it befalls the
# life of an order, and what only reads fails there by turns; elsewhere what changes something ends with its process,
# and fails in one of the other ways by turns: wherever a process ends between two changes, it leaves the same behind.
LIFE = ("delivered", "cancelled", "cancelled when paid", "refunded")
BY_TURNS = ("crash_before", "timeout_before", "error_after", "throttle", "conflict")
EACH = tuple((kind,) for kind in IO_KINDS)
SOME = (("crash_after",), ("timeout_after", *BY_TURNS))
ALL = "CRASHES" in os.environ
CASES = [
    (name, kinds) for name in SCENARIOS for kinds in (EACH if ALL else (*EACH, BY_TURNS) if name in LIFE else SOME)
]


@pytest.mark.capability("INV-04")
@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize(
    ("scenario", "kinds"), CASES, ids=lambda given: given if isinstance(given, str) else "/".join(given)
)
def test_a_fault_at_any_io_breaks_no_promise(scenario: str, kinds: tuple[str, ...]) -> None:
    reached = places(scenario)
    assert len(reached) > 15
    readings = scenario in LIFE and kinds == BY_TURNS
    fails = [place for place, changes in reached.items() if ALL or changes is not readings]
    for place, kind in zip(fails, cycle(kinds), strict=False):
        outcome = perform(scenario, Dealt({place: kind}))
        assert outcome.world.wire.faults == 1, (place, "was not reached")
        assert outcome.violation is None, (place, kind, outcome.violation)


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_provider_that_tells_as_before_an_upgrade_breaks_no_promise(scenario: str) -> None:
    outcome = perform(scenario, Always("older"))
    assert outcome.violation is None, outcome.violation
