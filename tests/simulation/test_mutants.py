"""The simulation can fail: bugs that others have shipped are planted, and each is found."""

import pytest

from tests.simulation.history import play
from tests.simulation.money_mutants import MONEY
from tests.simulation.mutants import MUTANTS

SEEDS = 200
PLANTED = {**MUTANTS, **MONEY}
# A history that has shown it is played first; whatever it shows today, all the others come after it.
SHOWN_BY = {
    "every click is a parcel": 125,
    "a charge that came to nothing counts": 71,
    "rows are imported as often as they come": 69,
    "what was held of a balance stays held": 58,
    "whoever is first has all": 47,
    "what comes late goes into a closed settlement": 41,
    "what goes back is charged by the rate of today": 40,
    "what is carried over is forgotten": 36,
    "a payout is not noted": 36,
    "the commission stays when goods go back": 36,
    "a suspension takes nothing off": 36,
    "a refund on its way counts as failed": 28,
    "a retry has another token": 24,
    "what is deducted is paid back": 24,
    "nobody settles with merchants": 23,
    "texts are sent unmarked": 21,
    "what was kept for an exchange stays kept": 19,
    "stock is read, then written": 18,
    "who posts a count forgets how far he was": 17,
    "a balance is spent unasked": 14,
    "a refund that failed gives nothing back": 14,
    "a top-up is booked and not given": 14,
    "missing goods are not told": 12,
    "a locked rate is forgotten": 8,
}


@pytest.mark.parametrize("mutant", PLANTED)
def test_a_planted_bug_is_found(mutant: str) -> None:
    for seed in dict.fromkeys((SHOWN_BY.get(mutant, 0), *range(SEEDS))):
        with PLANTED[mutant]():
            violation = play(seed).violation
        if violation:
            print(f"{mutant}: seed {seed}, {str(violation)[:100]}")
            return
    pytest.fail(f"{mutant}: not found within {SEEDS} seeds")
