"""Two of the steps of one command fail, whichever they are: the end is as good as if none had."""

import os

import pytest

from tests.simulation.faults import IO_KINDS, Dealt
from tests.simulation.pairs import APART, COMMANDS, run_command, seconds

# What fails second fails in every way with `make simulate CRASHES=1`, and else in one by turns: the turn begins with
# another way for each in which the first fails, so that every two steps fail in all of them.
ALL, WAYS = "CRASHES" in os.environ, len(APART)


@pytest.mark.capability("INV-04")
@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("kind", IO_KINDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_pair_of_faults_within_a_command_breaks_no_promise(command: str, kind: str) -> None:
    outcome = run_command(command)
    reached = [place for place in outcome.world.wire.places if place[0].startswith("command")]
    assert outcome.violation is None and len(reached) >= 2, outcome.violation
    played, turn = 0, IO_KINDS.index(kind)
    for first in ((place, kind) for place in reached):
        plans = [*seconds(first, run_command(command, Dealt(dict([first]))), APART, task="command")]
        by_turns = [plans[at + (at // WAYS + turn) % WAYS] for at in range(0, len(plans), WAYS)]
        for plan in plans if ALL else by_turns:
            played += 1
            outcome = run_command(command, plan)
            assert outcome.world.wire.faults >= 2 and outcome.violation is None, (plan, outcome.violation)
    assert played >= len(reached) - 1
