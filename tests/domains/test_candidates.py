"""Which stores are asked for an order, in which order, and why others are passed over or come later."""

from datetime import UTC, datetime
from typing import Any

import pytest

from souk.domains.stores.model.allocation import NotDeliveredThere, candidates
from souk.domains.stores.model.store import Store
from souk.kernel.address import GeoPoint
from tests.support.market import ADDRESS, STORE

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TUESDAYS = [{"day": "tue", "opens": "09:00", "closes": "19:00"}]
HERE = GeoPoint(latitude_micro=38_710_600, longitude_micro=-9_141_500)
NORTH = {"latitude_micro": 38_755_566, "longitude_micro": -9_141_500}  # five kilometres away, to the metre
SPAIN = ADDRESS | {"country": "ES"}


def store(name: str, **said: Any) -> Store:
    return Store.model_validate(STORE | {"store_id": name, "name": name} | said)


# What was set of the stores, whether the address tells a point, how many orders they have had; who is asked, and why.
TABLE: dict[str, tuple[list[Store], GeoPoint | None, dict[str, int], list[str], list[str]]] = {
    "by rank": ([store("b", rank=2), store("a", rank=3), store("c", rank=1)], None, {}, ["c", "b", "a"], []),
    "who delivers around itself first": (
        [store("pt", rank=1), store("near", rank=9, reach={"metres": 5000}, address=SPAIN)],
        HERE, {}, ["near", "pt"], []
    ),
    "not as far as there": (
        [store("pt"), store("far", reach={"metres": 4999}, point=NORTH)],
        HERE, {}, ["pt"], ["far does not deliver as far as there"]
    ),
    "nobody knows how far": (
        [store("pt"), store("near", reach={"metres": 5000})], None, {}, ["pt"], ["near has to know the point"]
    ),
    "of equal rank the nearer": ([store("a", point=NORTH), store("b")], HERE, {}, ["b", "a"], []),
    "who has room": (
        [store("full", rank=1, daily_orders=3), store("free", rank=2, daily_orders=3)],
        None, {"full": 3, "free": 2}, ["free", "full"], ["full has its orders of the day and comes later"]
    ),
    "who works and has room before who delivers around itself and has not": (
        [
            store("off", rank=1, hours=TUESDAYS, reach={"metres": 5000}),
            store("full", rank=2, daily_orders=3, reach={"metres": 5000}),
            store("pt", rank=3),
            store("es", rank=1, address=SPAIN),
        ],
        HERE, {"full": 3}, ["pt", "full", "off", "es"],
        ["full has its orders of the day and comes later", "off does not work that day and comes later"],
    ),
    "a full one before one that does not work": (
        [store("off", rank=1, hours=TUESDAYS), store("full", rank=2, daily_orders=0)],
        None, {}, ["full", "off"],
        ["full has its orders of the day and comes later", "off does not work that day and comes later"]
    ),
    "eight are enough": (
        [store(f"s{n}", rank=n) for n in range(10)],
        None, {}, [f"s{n}" for n in range(8)], ["2 more are not asked: 8 are asked at most"]
    ),
}  # fmt: skip


@pytest.mark.capability("STO-03")
@pytest.mark.parametrize("name", TABLE)
def test_the_stores_are_asked_in_the_shops_order_and_it_says_why(name: str) -> None:
    stores, point, taken, asked, explanation = TABLE[name]
    for given in (stores, stores[::-1]):
        chosen = candidates(given, "PT", MONDAY, point, taken)
        assert [one.store_id for one in chosen.asked] == asked
        assert sorted(chosen.explanation) == sorted(explanation)


def test_where_nobody_delivers_it_is_said_of_each_why() -> None:
    with pytest.raises(NotDeliveredThere) as refused:
        candidates([store("a", open=False), store("b", serves=["ES"])], "PT", MONDAY).need_some("PT")
    assert refused.value.facts == {"country": "PT", "explanation": ["a is closed", "b does not deliver to PT"]}
