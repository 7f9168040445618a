"""The simulation can fail: bugs that others have shipped are planted, and each is found."""

import pytest

from tests.simulation.history import play
from tests.simulation.mutants import MUTANTS

SEEDS = 200
# A history that has shown it is played first; whatever it shows today, all the others come after it.
SHOWN_BY = {
    "missing goods are not told": 106,
    "nobody settles with merchants": 66,
    "whoever is first has all": 79,
    "a charge that came to nothing counts": 46,
    "the commission stays when goods go back": 36,
    "rows are imported as often as they come": 34,
    "a refund on its way counts as failed": 28,
    "a suspension takes nothing off": 36,
    "texts are sent unmarked": 21,
    "who posts a count forgets how far he was": 21,
    "stock is read, then written": 18,
    "a retry has another token": 15,
    "a balance is spent unasked": 14,
    "what was kept for an exchange stays kept": 10,
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_planted_bug_is_found(mutant: str) -> None:
    for seed in dict.fromkeys((SHOWN_BY.get(mutant, 0), *range(SEEDS))):
        with MUTANTS[mutant]():
            violation = play(seed).violation
        if violation:
            print(f"{mutant}: seed {seed}, {str(violation)[:100]}")
            return
    pytest.fail(f"{mutant}: not found within {SEEDS} seeds")
