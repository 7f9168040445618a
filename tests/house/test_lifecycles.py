"""Every table of moves, walked: what it allows moves, everything else is a conflict, and every state is reached."""

from itertools import product

import pytest

from souk.kernel import states
from souk.kernel.states import NotInThatState, States
from tests.house.pages.lifecycles import lifecycles
from tests.house.pages.refusals import refusals

TABLES = sorted(lifecycles().items())


@pytest.mark.parametrize("table", [table for _, table in TABLES], ids=[name for name, _ in TABLES])
def test_allowed_moves_move_and_all_others_are_conflicts(table: States) -> None:
    for state, to in product(table, table):
        if to in table[state]:
            assert states.move(table, state, to, "It") == to
        else:
            with pytest.raises(NotInThatState) as refused:
                states.move(table, state, to, "It")
            assert refused.value.facts == {"state": state, "wanted": to}


@pytest.mark.parametrize("table", [table for _, table in TABLES], ids=[name for name, _ in TABLES])
def test_every_state_is_reached_and_every_walk_can_end(table: States) -> None:
    """A state from which nothing ends would keep a thing open for ever; a cycle that is an end says so by a way back."""
    assert {to for after in table.values() for to in after} <= set(table)
    assert _reached(table, next(iter(table))) == set(table)
    assert all(_reached(table, state) & _ends(table) for state in table)


def _reached(table: States, start: str) -> set[str]:
    found, new = {start}, [start]
    while new:
        after = table[new.pop()] - found
        found |= after
        new += after
    return found


def _ends(table: States) -> set[str]:
    """States with no way out, or whose ways all come back to them."""
    ends = {state for state in table if all(state in _reached(table, to) for to in table[state])}
    return {state for state in ends if not any(table[state] & _reached(table, to) != table[state] for to in ())} or set()


def test_every_refusal_has_a_code_of_its_own_and_a_title() -> None:
    codes = [one.code() for one in refusals()]
    assert len(codes) == len(set(codes))
    assert all(one.title and "title" in vars(one) for one in refusals())
    assert all(not one.__name__.endswith(("Error", "Exception")) for one in refusals())
