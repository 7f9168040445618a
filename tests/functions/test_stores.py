"""Stores as staff keep them."""

import pytest

from souk.kernel.caller import Caller
from tests.support.shop import Shop

LISBON = {
    "name": "Souk Chiado",
    "phone": "+351 21 000 0001",
    "time_zone": "Europe/Lisbon",
    "manager": "Rita Lopes",
    "address": {
        "name": "Souk Chiado",
        "street": "Rua Garrett 10",
        "city": "Lisboa",
        "postal_code": "1200-203",
        "country": "PT",
    },
    "point": {"latitude_micro": 38_710_600, "longitude_micro": -9_141_500},
    "serves": ["PT", "ES"],
    "hours": [{"day": "mon", "opens": "10:00", "closes": "19:00"}],
    "holidays": ["2026-12-25"],
}


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
    clerk = Caller(id="clerk", kind="staff", may=frozenset({"stores.read"}))
    assert shop.post("/staff/stores", {"nonsense": 1}, as_=clerk).status == 403
    assert shop.post("/staff/stores", LISBON).status == 401


def test_a_store_manager_sees_the_own_store_only(shop: Shop) -> None:
    one, other = (shop.post("/staff/stores", LISBON | {"name": name}, as_=shop.boss)["store_id"] for name in "ab")
    manager = Caller(id="m", kind="staff", may=frozenset({"stores.read"}), stores=frozenset({one}))
    assert [store["store_id"] for store in shop.get("/staff/stores", as_=manager)["items"]] == [one]
    assert shop.get(f"/staff/stores/{other}", as_=manager).body == shop.get("/staff/stores/sto_0", as_=manager).body


def test_a_method_that_the_path_does_not_know_is_answered_with_those_it_knows(shop: Shop) -> None:
    answer = shop.call("PATCH", "/staff/stores", {}, as_=shop.boss)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
