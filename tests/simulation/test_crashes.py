"""Every I/O of what befalls most orders fails once, in every way it can: the end is as good as if it had not."""

import pytest

from tests.simulation.faults import IO_KINDS, Dealt
from tests.simulation.scenarios import SCENARIOS, perform, places


@pytest.mark.capability("INV-04")
@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("kind", IO_KINDS)
def test_a_fault_at_any_io_breaks_no_promise(scenario: str, kind: str) -> None:
    reached = places(scenario)
    assert len(reached) > 50
    for place in reached:
        outcome = perform(scenario, Dealt({place: kind}))
        assert outcome.world.wire.faults == 1, (place, "was not reached")
        assert outcome.violation is None, (place, kind, outcome.violation)
