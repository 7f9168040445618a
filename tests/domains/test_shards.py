"""Shards of a sale: units are spread evenly, found wherever they lie, and never taken twice."""

from hypothesis import given
from hypothesis import strategies as st

from souk.domains.promotions.model.shards import MOST_SHARDS, home, picked, shares

shards = st.integers(1, MOST_SHARDS)
lefts = st.dictionaries(st.integers(0, MOST_SHARDS - 1), st.integers(0, 5), max_size=20)


@given(units=st.integers(0, 10**6), shards=shards)
def test_shares_add_up_and_differ_by_one_at_most(units: int, shards: int) -> None:
    found = shares(units, shards)
    assert (len(found), sum(found)) == (shards, units)
    assert max(found) - min(found) <= 1


@given(left=lefts, units=st.integers(1, 20), first=st.integers(0, MOST_SHARDS - 1))
def test_what_is_wanted_is_found_exactly_where_there_is_enough(left: dict[int, int], units: int, first: int) -> None:
    found = picked(left, units, first)
    assert (found is None) == (sum(left.values()) < units)
    if found:
        assert sum(found.values()) == units
        assert all(0 < taken <= left[number] for number, taken in found.items())
        assert len(found) == 1 or max(left.values()) < units


@given(order_id=st.text(), shards=shards)
def test_an_order_is_at_home_in_one_of_the_shards(order_id: str, shards: int) -> None:
    assert 0 <= home(order_id, shards) < shards
