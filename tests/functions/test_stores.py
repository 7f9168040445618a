"""Stores as staff keep them."""

from datetime import UTC, datetime

import pytest

from tests.support.market import STORE
from tests.support.shop import Shop

MONDAYS = {"day": "mon", "opens": "10:00", "closes": "19:00"}
LISBON = STORE | {"serves": ["PT", "ES"], "hours": [MONDAYS], "holidays": ["2026-12-25"]}


@pytest.mark.capability("STO-01")
def test_a_store_is_opened_read_and_changed(shop: Shop) -> None:
    opened = shop.post("/staff/stores", LISBON, as_=shop.boss)
    assert opened.status == 201 and opened["version"] == 1
    path = f"/staff/stores/{opened['store_id']}"
    assert shop.get(path, as_=shop.boss).ok() == opened.body

    edit = LISBON | {"manager": "Ana Dias", "version": 1}
    assert shop.put(path, edit, as_=shop.boss).ok()["manager"] == "Ana Dias"
    assert shop.put(path, edit, as_=shop.boss).status == 409
    assert shop.get(path, as_=shop.boss)["version"] == 2


@pytest.mark.capability("STO-01")
@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-02T09:59", False),  # Monday in winter, when Lisbon keeps UTC
        ("2026-11-02T10:00", True),
        ("2026-11-02T12:59", True),
        ("2026-11-02T13:00", False),  # closed for lunch
        ("2026-11-02T14:00", True),
        ("2026-11-02T19:00", False),
        ("2026-11-03T11:00", False),  # Tuesday
        ("2026-12-07T11:00", False),  # a Monday that is a holiday
        ("2027-03-27T10:30", True),  # Saturday, the last day of winter time
        ("2027-03-28T09:30", True),  # Sunday, when the clocks went forward: 10:30 in Lisbon
        ("2027-03-28T08:59", False),
        ("2026-10-25T09:30", False),  # Sunday, when they went back: 9:30 in Lisbon, where it was 10:30 the day before
        ("2026-10-24T09:30", True),
    ],
)
def test_whether_a_store_is_open_follows_its_own_clock_hours_and_holidays(shop: Shop, at: str, is_open: bool) -> None:
    hours = [
        MONDAYS | {"closes": "13:00"},
        MONDAYS | {"opens": "14:00"},
        *(MONDAYS | {"day": day} for day in ("sat", "sun")),
    ]
    shop.post("/staff/stores", LISBON | {"hours": hours, "holidays": ["2026-12-07"]}, as_=shop.boss).ok()
    shop.clock.at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    (store,) = shop.get("/shop/stores").ok()["items"]
    assert store["open_now"] is is_open


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"hours": [{"day": "mon", "opens": "19:00", "closes": "10:00"}]},
        {"time_zone": "Lisbon"},
        {"point": {"latitude_micro": 91_000_000, "longitude_micro": 0}},
        {"rank": "1"},
        {"rank": True},
        {"colour": "red"},
    ],
)
def test_a_store_with_a_wrong_field_is_refused_and_nothing_is_kept(shop: Shop, wrong: dict[str, object]) -> None:
    answer = shop.post("/staff/stores", LISBON | wrong, as_=shop.boss)
    assert answer.status == 422 and answer["code"] == "not_valid"
    assert shop.get("/staff/stores", as_=shop.boss)["items"] == []


def test_who_may_not_is_told_so_before_the_body_is_looked_at(shop: Shop) -> None:
    clerk = shop.staff("stores.read")
    assert shop.post("/staff/stores", {"nonsense": 1}, as_=clerk).status == 403
    assert shop.post("/staff/stores", LISBON).status == 401


def test_a_store_manager_sees_the_own_store_only(shop: Shop) -> None:
    one, other = (shop.post("/staff/stores", LISBON | {"name": name}, as_=shop.boss)["store_id"] for name in "ab")
    manager = shop.staff("stores.read", stores=(one,))
    assert [store["store_id"] for store in shop.get("/staff/stores", as_=manager)["items"]] == [one]
    assert shop.get(f"/staff/stores/{other}", as_=manager).body == shop.get("/staff/stores/sto_0", as_=manager).body


def test_a_method_that_the_path_does_not_know_is_answered_with_those_it_knows(shop: Shop) -> None:
    answer = shop.call("PATCH", "/staff/stores", {}, as_=shop.boss)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
