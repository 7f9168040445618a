"""What is charged in another currency: whatever is paid back of it, in whatever parts, ends at what was charged."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.exchange.model import Conversion, TooLittleToCharge
from souk.domains.payments.model.fund import Fund
from souk.kernel.charging import Charge, Sum
from souk.kernel.money import exponent
from tests.support.shop import START

CURRENCIES = st.sampled_from(["USD", "JPY", "BHD"])
MICRO = st.integers(1, 10**10)


def coin(currency: str) -> int:
    return 10 if currency == "BHD" else 1


def conversion(from_currency: str, currency: str, from_micro: int, micro: int) -> Conversion:
    said = {"from_currency": from_currency, "currency": currency, "from_micro": from_micro, "micro": micro}
    return Conversion(**said, source="ecb", at=START - timedelta(days=1), stale=False)


@pytest.mark.capability("FX-02")
@given(st.integers(1, 10**10), st.sampled_from(["EUR", "JPY"]), CURRENCIES, MICRO, MICRO)
def test_what_is_charged_is_the_price_at_the_rate_to_half_a_coin_and_worth_that_price(
    minor: int, from_currency: str, currency: str, from_micro: int, micro: int
) -> None:
    by = conversion(from_currency, currency, from_micro, micro)
    exact = Fraction(minor * micro, from_micro) * Fraction(10) ** (exponent(currency) - exponent(from_currency))
    if exact < Fraction(coin(currency), 2):
        with pytest.raises(TooLittleToCharge):
            by.charge(minor)
        return
    charge = by.charge(minor)
    assert 2 * abs(charge.minor - exact) <= coin(currency) and charge.minor % coin(currency) == 0
    assert (charge.worth(charge.minor), charge.worth(0)) == (minor, 0)


@pytest.mark.capability("FX-02")
@given(
    st.integers(1, 3_000),
    st.integers(1, 9_000),
    CURRENCIES,
    st.lists(st.tuples(st.integers(1, 900), st.booleans()), max_size=12),
)
def test_any_sequence_of_parts_of_which_some_fail_ends_exactly_at_what_was_charged(
    amount_minor: int, coins: int, currency: str, parts: list[tuple[int, bool]]
) -> None:
    """One that fails does so when another was drawn after it."""
    charged = Sum(currency=currency, minor=coins * coin(currency))
    whole = Fund(intent_id="pi_1", amount_minor=amount_minor, charged=charged)
    gone, failed_before = whole.nothing(), False
    for wanted, fails in [*parts, (amount_minor, False)]:
        drawn = whole.drawn(min(wanted, amount_minor - gone.amount_minor), gone)
        after = gone.plus(drawn.amount_minor, drawn.charged)
        if fails and after.amount_minor < amount_minor:
            other = whole.drawn(1, after)
            gone, failed_before = gone.plus(1, other.charged), True
        else:
            gone = after
        assert drawn.charged and drawn.charged.minor >= 0 and drawn.charged.minor % coin(currency) == 0
        assert gone.charged and gone.charged.minor <= charged.minor
        exact = Fraction(charged.minor * gone.amount_minor, amount_minor)
        assert failed_before or 2 * abs(gone.charged.minor - exact) <= coin(currency)
    assert gone == whole


@pytest.mark.capability("FX-02")
@given(st.integers(1, 10**6), st.integers(1, 10**8), st.data())
def test_what_a_bank_takes_is_worth_its_part_of_the_price(price: int, minor: int, data: st.DataObject) -> None:
    charge = Charge(currency="USD", minor=minor, of_minor=price, from_micro=1, micro=1, source="ecb", at=START)
    taken = data.draw(st.integers(0, minor))
    assert 2 * abs(charge.worth(taken) - Fraction(taken * price, minor)) <= 1
    assert 0 <= charge.worth(taken) <= price
