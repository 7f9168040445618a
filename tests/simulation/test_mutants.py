"""The simulation can fail: bugs that others have shipped are planted, and each is found."""

import pytest

from tests.simulation.history import play
from tests.simulation.mutants import MUTANTS

SEEDS = 200


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_planted_bug_is_found(mutant: str) -> None:
    for seed in range(SEEDS):
        with MUTANTS[mutant]():
            violation = play(seed).violation
        if violation:
            print(f"{mutant}: seed {seed}, {str(violation)[:100]}")
            return
    pytest.fail(f"{mutant}: not found within {SEEDS} seeds")
