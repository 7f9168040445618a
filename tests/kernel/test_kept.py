"""What a process keeps for a short while."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from souk.kernel import clock, kept

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    kept.use({})
    yield
    kept.use({})
    clock.use(None)


def test_many_answers_that_are_soon_over_do_not_cost_one_that_holds_longer() -> None:
    """As a secret among the places that buyers live in."""
    asked = Counter[str]()

    @kept.kept(timedelta(minutes=5))
    def secret() -> str:
        asked["secret"] += 1
        return "s"

    @kept.kept(timedelta(seconds=20))
    def place(number: int) -> int:
        asked["place"] += 1
        return number

    for number in range(1800):
        clock.use(lambda at=NOON + timedelta(seconds=number // 6): at)  # type: ignore[misc]
        assert (secret(), place(number)) == ("s", number)
    assert asked == {"secret": 1, "place": 1800}


def test_no_more_is_kept_than_a_process_has_room_for() -> None:
    answers: dict[object, tuple[datetime, object]] = {}
    kept.use(answers)
    clock.use(lambda: NOON)

    @kept.kept(timedelta(minutes=5))
    def same(number: int) -> int:
        return number

    assert [same(number) for number in range(1000)] == [*range(1000)]
    assert len(answers) <= 256
