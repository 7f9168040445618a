"""Money: whole minor units, one rounding rule, shares that add up."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.kernel import money

amounts = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=90)


@given(amounts, weights)
def test_shares_add_up_and_none_is_a_whole_unit_off(total: int, parts: list[int]) -> None:
    shares = money.apportion(total, parts)
    assert sum(shares) == total
    whole = sum(parts) or len(parts)
    for share, weight in zip(shares, parts if any(parts) else [1] * len(parts), strict=True):
        assert abs(Decimal(share) - Decimal(total) * weight / whole) < 1


@given(amounts, st.integers(1, 10**6))
def test_rounding_is_half_up_away_from_zero(amount: int, by: int) -> None:
    assert money.divide(amount, by) == int((Decimal(amount) / by).quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(0, 10**9), st.integers(1, 500), st.data())
def test_parts_of_a_line_given_back_end_exactly_at_what_was_paid(paid: int, units: int, data: st.DataObject) -> None:
    left, given_back = units, 0
    while left:
        now = data.draw(st.integers(1, left))
        given_back += money.share_of_units(paid, units, units - left, now)
        left -= now
        assert given_back <= paid
    assert given_back == paid


def test_more_units_than_the_line_has_are_not_given_back() -> None:
    with pytest.raises(ValueError, match="more units"):
        money.share_of_units(1000, 3, 2, 2)


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CNY", 2)])
def test_a_currency_knows_its_minor_unit(currency: str, decimals: int) -> None:
    assert money.exponent(currency) == decimals
