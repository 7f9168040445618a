"""Tries are counted by subject and window; whoever has had their share waits for the next window."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.kernel.errors import TooMany
from souk.table import current, limits
from souk.table.limits import Limit
from tests.support.memory import MemoryTable
from tests.support.shop import Shop

HOURLY = Limit("guess_by_address", most=3, window=timedelta(hours=1))
DAILY = Limit("guess_by_account", most=5, window=timedelta(days=1))


def admitted(*tries: tuple[Limit, str]) -> bool:
    try:
        limits.count(*tries)
    except TooMany:
        return False
    return True


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(("198.51.100.7", "2001:db8::7")), st.integers(0, 50)), max_size=40))
def test_no_window_ever_admits_more_than_its_share(shop: Shop, tries: list[tuple[str, int]]) -> None:
    current.use(MemoryTable())
    counted: dict[tuple[str, int], int] = {}
    for subject, minutes in tries:
        shop.clock.at += timedelta(minutes=minutes)
        window = subject, int(shop.clock.at.timestamp()) // 3600
        assert admitted((HOURLY, subject)) == (counted.get(window, 0) < HOURLY.most)
        counted[window] = min(counted.get(window, 0) + 1, HOURLY.most)


def test_it_is_told_when_the_next_window_begins(shop: Shop) -> None:
    shop.pass_time(minutes=40)
    for _ in range(HOURLY.most):
        limits.count((HOURLY, "one"))
    with pytest.raises(TooMany) as refused:
        limits.count((HOURLY, "one"))
    assert refused.value.facts == {"retry_after_seconds": 20 * 60}
    shop.pass_time(minutes=20)
    assert admitted((HOURLY, "one"))


def test_a_try_that_one_limit_refuses_is_counted_by_none(shop: Shop) -> None:
    for _ in range(HOURLY.most + 4):
        admitted((HOURLY, "address"), (DAILY, "account"))
    assert [admitted((DAILY, "account")) for _ in range(3)] == [True, True, False]


def test_the_table_forgets_a_window_that_is_over_and_never_knew_the_subject(shop: Shop) -> None:
    limits.count((HOURLY, "198.51.100.7"))
    [item] = shop.table.all()
    assert item["expires_at"] == (shop.clock.at + timedelta(hours=1)).timestamp() and "198.51" not in str(item)
    [row] = shop.rows("Tries")
    assert row["tries"] == 1 and row["limit"] == HOURLY.name
