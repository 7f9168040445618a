"""Every table of moves, walked: what it allows moves, everything else is a conflict, and every state is reached."""

from datetime import timedelta
from itertools import product

import pytest

from souk.domains.orders.model.lifecycle import GRACE, STATES, longest
from souk.kernel import states
from souk.kernel.states import NotInThatState, States
from tests.house.pages.lifecycles import lifecycles
from tests.house.pages.refusals import refusals

TABLES = sorted(lifecycles().items())
# A bank may send a refund back long after it was posted, other goods take the place of what lies ready, a provider may
# correct its bill, money that comes late brings back an order that was over, and a merchant may be let back in.
NEVER_SURE = {
    "aftersales.case": {"refunded"},
    "shipping.pick": {"picked"},
    "reconciliation.difference": {"resolved"},
    "orders.lifecycle": {"cancelled"},
    "payments.payment": {"voided"},
    "merchants.merchant": {"suspended"},
}
# Where something begins that is not the first state of all.
BEGINS = {"orders.lifecycle": {"awaiting_return"}, "payments.refund.refund": {"awaiting"}}


@pytest.mark.parametrize("table", [table for _, table in TABLES], ids=[name for name, _ in TABLES])
def test_allowed_moves_move_and_all_others_are_conflicts(table: States) -> None:
    for state, to in product(table, table):
        if to in table[state]:
            assert states.move(table, state, to, "It") == to
        else:
            with pytest.raises(NotInThatState) as refused:
                states.move(table, state, to, "It")
            assert refused.value.facts == {"state": state, "wanted": to}


@pytest.mark.parametrize(("name", "table"), TABLES, ids=[name for name, _ in TABLES])
def test_every_state_is_reached_and_every_walk_can_end(name: str, table: States) -> None:
    assert {to for after in table.values() for to in after} <= set(table)
    begins = {next(iter(table)), *BEGINS.get(name, ())}
    assert set().union(*(_reached(table, state) for state in begins)) == set(table)
    ends = {state for state, after in table.items() if not after} | NEVER_SURE.get(name, set())
    assert all(_reached(table, state) & ends for state in table)


def _reached(table: States, start: str) -> set[str]:
    found, new = {start}, [start]
    while new:
        after = table[new.pop()] - found
        found |= after
        new += after
    return found


def test_every_refusal_has_a_code_of_its_own_and_a_title() -> None:
    codes = [one.code() for one in refusals()]
    assert len(codes) == len(set(codes))
    assert all(one.title and "title" in vars(one) for one in refusals())
    assert all(not one.__name__.endswith(("Error", "Exception")) for one in refusals())


def test_an_order_that_is_not_over_is_always_within_a_time_or_stuck() -> None:
    second = timedelta(seconds=1)
    for by_hand in (True, False):
        times = dict.fromkeys(("payment", "review", "shipment", "pickup", "receipt", "completion"), second)
        limits = longest(**times, confirm_by_hand=by_hand)
        assert set(limits) == {state for state, after in STATES.items() if after} - NEVER_SURE["orders.lifecycle"]
        assert min(limits.values()) >= GRACE
