"""Identifiers: unique, sorted by time, not to be guessed."""

from datetime import UTC, datetime, timedelta

import pytest

from souk.kernel import ids

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.capability("ORD-04")
def test_a_million_order_numbers_are_unique_sort_by_time_and_are_not_in_sequence() -> None:
    numbers = [ids.order_number(NOON + timedelta(milliseconds=n // 100)) for n in range(1_000_000)]
    assert len(set(numbers)) == len(numbers)
    first_of_each = numbers[::100]
    assert first_of_each == sorted(first_of_each)
    # Within one millisecond the order is left to chance: the next number cannot be told from the one before.
    assert numbers[:100] != sorted(numbers[:100])
    assert len({number[10:] for number in numbers[:100]}) == 100


def test_an_order_number_tells_its_month() -> None:
    assert ids.month_of_number(ids.order_number(NOON)) == "2026-11"
    assert ids.month_of_number(ids.order_number(datetime(1996, 7, 4, tzinfo=UTC))) == "1996-07"


@pytest.mark.parametrize("number", ["", "12345", "ABCDE-FGHI", "01kaj-6m2c-9xq4-t7ve", "é" * 19])
def test_what_is_no_order_number_tells_no_month(number: str) -> None:
    assert ids.month_of_number(number) == ""


def test_the_last_order_number_of_all_still_tells_a_month() -> None:
    assert ids.month_of_number("ZZZZZ-ZZZZ-ZZZZ-ZZZZ") == "3084-12"


def test_the_same_command_has_the_same_id_and_another_has_another() -> None:
    assert ids.derived("ord", "mem_1", "key") == ids.derived("ord", "mem_1", "key")
    assert ids.derived("ord", "mem_1", "key") != ids.derived("ord", "mem_2", "key")
    assert ids.derived("ord", "ab", "c") != ids.derived("ord", "a", "bc")
