"""The nearest stores, as everybody finds them."""

import re
from random import Random
from typing import Any

import pytest

from souk.kernel import geo
from souk.kernel.address import GeoPoint
from tests.support.many_stores import anywhere, open_many
from tests.support.market import Market
from tests.support.shop import Shop
from tests.support.table import calls

MONDAYS = {"day": "mon", "opens": "09:00", "closes": "19:00"}
# On the 180th meridian, at a pole, on the equator, on the borders of large cells, and twice in one spot.
CORNERS = [(0, 180), (0, -180), (0, 179.9), (0, -179.9), (90, 0), (89.9, 120), (-90, 7), (0, 0), (0.1, -0.1)]
PLACES = [*CORNERS, (45, 90), (44.9, 89.9), (45.1, 90.1), (38.7106, -9.1415), (38.7106, -9.1415), (41.15, -8.61)]


def spot(latitude: float, longitude: float) -> GeoPoint:
    return GeoPoint(latitude_micro=round(latitude * 1e6), longitude_micro=round(longitude * 1e6))


def find(shop: Shop, near: str, **asked: Any) -> list[dict[str, Any]]:
    return list(shop.get("/shop/stores", near=near, **asked).ok()["items"])


@pytest.mark.capability("STO-12", "PLT-04")
def test_the_nearest_stores_are_the_same_as_a_look_at_all_would_find(market: Market) -> None:
    stores = {market.store(point=spot(*place).model_dump()): spot(*place) for place in PLACES}
    for place in [*PLACES, (1, 179.5), (-1, -179.5), (89, -60), (-89, 100), (40, -9)]:
        wanted = sorted((geo.distance_metres(spot(*place), at), store_id) for store_id, at in stores.items())
        for limit in (1, 4, len(PLACES)):
            found = find(market.shop, f"{place[0]},{place[1]}", limit=limit)
            assert [(one["distance_metres"], one["store_id"]) for one in found] == wanted[:limit], place


@pytest.mark.capability("STO-12")
def test_each_store_says_whether_it_is_open_now_and_has_the_goods(market: Market) -> None:
    full, empty, closed = (
        market.store(name, hours=hours, point=spot(40, east).model_dump())
        for name, hours, east in (
            ("Full", [MONDAYS], 0.1),
            ("Empty", [MONDAYS | {"opens": "12:00"}], 0.2),
            ("Shut", [], 0.3),
        )
    )
    market.goods({"TEA": 500}, {full: 1})
    market.store("Gone", open=False, point=spot(40, 0).model_dump())
    found = find(market.shop, "40,0", sku="TEA")
    assert [(one["store_id"], one["open_now"], one["in_stock"]) for one in found] == [
        (full, True, True),
        (empty, False, False),
        (closed, False, False),
    ]
    market.place({"TEA": 1})
    assert [one["in_stock"] for one in find(market.shop, "40,0", sku="TEA")] == [False] * 3
    assert [one["in_stock"] for one in find(market.shop, "40,0")] == [None] * 3


@pytest.mark.parametrize(
    "near", ["", "40", "91,0", "0,181", "40;0", "4e1,0", "nan,0", "40,0,0", "40.1234567,0", " 40,0"]
)
def test_what_is_no_point_is_refused(shop: Shop, near: str) -> None:
    assert shop.get("/shop/stores", near=near).status == 422


@pytest.mark.capability("STO-12")
def test_among_ten_thousand_stores_the_nearest_take_a_few_questions(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_many(shop, 10_000)
    shop.get("/shop/info").ok()
    chance, made, counted = Random(1), calls(monkeypatch), []
    for _ in range(20):
        before = len(made)
        latitude, longitude = anywhere(chance)
        found = find(shop, f"{latitude / 1e6:.6f},{longitude / 1e6:.6f}", sku="TEA", limit=20)
        assert len({one["store_id"] for one in found} & {*opened}) == 20
        assert made[before:].count("read_many") == 1
        counted.append(made[before:].count("query"))
    assert sorted(counted)[-1] <= 40, counted


def test_stores_are_listed_page_by_page(market: Market) -> None:
    stores = [market.store(f"Souk {n}", open=n != 3) for n in range(5)]
    for path, who, there in (("/shop/stores", None, 4), ("/staff/stores", market.shop.boss, 5)):
        found, cursor = list[str](), dict[str, str]()
        for _ in stores:
            page = market.shop.get(path, as_=who, limit=2, **cursor).ok()
            found += [one["store_id"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert len(found) == len({*found}) == there and {*found} <= {*stores}
        assert re.fullmatch(r"sto_\w+", found[0])
