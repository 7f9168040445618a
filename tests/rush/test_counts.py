"""What a rush writes, counted: sold to the unit, and no partition takes more than its share of it."""

import pytest

from tests.rush import counting
from tests.rush.counting import PLACED
from tests.support.market import Market

BUYERS, UNITS = 10_000, 1_000


@pytest.mark.capability("PLT-07")
@pytest.mark.capability("PRM-06")
def test_a_flash_sale_sells_to_the_unit_and_ten_times_as_fast_as_the_stock_of_one_sku(market: Market) -> None:
    everyday = counting.plain(market, buyers=300, units=200)
    flash = counting.in_sale(market, BUYERS, UNITS)
    assert flash.outcomes == {PLACED: UNITS, "sale_sold_out": BUYERS - UNITS}
    assert everyday.orders_a_second() == 500
    assert flash.orders_a_second() >= 10 * everyday.orders_a_second()
    assert flash.buyers_a_second() >= BUYERS // 10, "all of them within ten seconds"
