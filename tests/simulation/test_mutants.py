"""The simulation can fail: bugs that others have shipped are planted, and each is found."""

import pytest

from tests.simulation.history import play
from tests.simulation.mutants import MUTANTS, Patch

SEEDS = 200


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_planted_bug_is_found(mutant: Patch) -> None:
    for seed in range(SEEDS):
        with mutant():
            violation = play(seed).violation
        if violation:
            print(f"{mutant.__name__}: seed {seed}, {str(violation)[:100]}")
            return
    pytest.fail(f"{mutant.__name__} was not found within {SEEDS} seeds")
