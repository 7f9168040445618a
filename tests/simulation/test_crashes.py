"""Every I/O of what befalls orders and goods fails once, in every way it can: the end is as good as if it had not."""

import os

import pytest

from tests.simulation.faults import IO_KINDS, Dealt
from tests.simulation.scenarios import SCENARIOS, perform, places

# The life of an order, in every way; of the rest what a caller can tell apart, and all with `make simulate CRASHES=1`.
LIFE = ("delivered", "cancelled", "cancelled when paid", "refunded")
TOLD_APART = ("crash_before", "crash_after", "timeout_after")
ALL = "CRASHES" in os.environ
CASES = [(name, kind) for name in SCENARIOS for kind in (IO_KINDS if ALL or name in LIFE else TOLD_APART)]


@pytest.mark.capability("INV-04")
@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize(("scenario", "kind"), CASES)
def test_a_fault_at_any_io_breaks_no_promise(scenario: str, kind: str) -> None:
    reached = places(scenario)
    assert len(reached) > 15
    for place in reached:
        outcome = perform(scenario, Dealt({place: kind}))
        assert outcome.world.wire.faults == 1, (place, "was not reached")
        assert outcome.violation is None, (place, kind, outcome.violation)
