"""Which stores an order is offered to, as buyers and staff meet it."""

from typing import Any

import pytest

from souk.domains.stores.model.allocation import MOST_CANDIDATES
from souk.domains.stores.model.store import Store
from souk.kernel import kept
from souk.kernel.address import GeoPoint
from tests.support.many_stores import open_many
from tests.support.market import ADDRESS, INES, STORE, Market
from tests.support.shop import Answer, Shop
from tests.support.table import calls

HERE = GeoPoint(latitude_micro=38_710_600, longitude_micro=-9_141_500)
NORTH = {"latitude_micro": 38_755_566, "longitude_micro": -9_141_500}  # five kilometres away, to the metre
FARTHER = NORTH | {"latitude_micro": 38_755_580}
SPAIN = ADDRESS | {"country": "ES"}
SQUARE = [{"latitude_micro": y * 100_000, "longitude_micro": x * 100_000} for y, x in ((0, 0), (0, 1), (1, 1), (1, 0))]


def test_an_order_that_stands_is_answered_again_though_its_store_has_closed(market: Market) -> None:
    store_id = market.store()
    market.goods({"TEA": 500}, {store_id: 5})
    quote_id = market.quote({"TEA": 1}).ok()["quote_id"]
    placed = market.checkout({"TEA": 1}, key="once", quote_id=quote_id).ok()
    closed = STORE | {"open": False, "version": 1}
    market.shop.put(f"/staff/stores/{store_id}", closed, as_=market.shop.boss).ok()
    kept.forget_all()
    assert market.checkout({"TEA": 1}, key="once", quote_id=quote_id).ok()["order"] == placed["order"]
    assert market.checkout({"TEA": 1}, quote_id=quote_id)["code"] == "not_delivered_there"


def quote(market: Market, point: Any = None) -> Answer:
    return market.quote({"TEA": 1}, point=point)


@pytest.mark.capability("STO-04")
@pytest.mark.parametrize(
    ("reach", "inside", "outside"),
    [
        ({"metres": 5000}, [HERE.model_dump(), NORTH], [FARTHER, {"latitude_micro": 0, "longitude_micro": 0}]),
        (
            {"area": SQUARE},
            [*SQUARE, {"latitude_micro": 50_000, "longitude_micro": 100_000}],
            [{"latitude_micro": 50_000, "longitude_micro": 100_001}, NORTH],
        ),
    ],
)
def test_a_store_that_delivers_around_itself_is_offered_there_only(
    market: Market, reach: dict[str, Any], inside: list[Any], outside: list[Any]
) -> None:
    near = market.store("Near", reach=reach)
    market.goods({"TEA": 500}, {near: 50})
    for point in inside:
        quoted = quote(market, point).ok()
        placed = market.checkout({"TEA": 1}, quote_id=quoted["quote_id"], address=ADDRESS | {"point": point})
        assert (quoted["store_id"], placed.ok()["order"]["store_id"]) == (near, near)
    for point in (*outside, None):
        refused = quote(market, point)
        assert (refused.status, refused["code"]) == (409, "not_delivered_there")
        assert market.checkout({"TEA": 1}, quote_id="0" * 32, address=ADDRESS | {"point": point}).status == 409
    everywhere = market.store("Everywhere")
    market.receive(everywhere, {"TEA": 1})
    assert quote(market)["store_id"] == quote(market, outside[0])["store_id"] == everywhere


@pytest.mark.capability("STO-04")
@pytest.mark.parametrize(
    "reach",
    [
        {},
        {"metres": 0},
        {"metres": 5000, "area": SQUARE},
        {"area": SQUARE[:2]},
        {"area": [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]},
        {"area": [SQUARE[0]] * 3},
        {"area": SQUARE * 26},
    ],
)
def test_a_reach_that_is_none_is_refused(shop: Shop, reach: dict[str, Any]) -> None:
    answer = shop.post("/staff/stores", STORE | {"reach": reach}, as_=shop.boss)
    assert (answer.status, shop.rows("Store")) == (422, [])


@pytest.mark.capability("STO-03")
@pytest.mark.capability("STO-04")
def test_what_a_store_declines_goes_to_the_next_that_delivers_there(market: Market) -> None:
    first, far, country = (
        market.store(name, rank=rank, **terms)
        for rank, (name, terms) in enumerate(
            {"First": {"reach": {"metres": 9000}}, "Far": {"reach": {"metres": 10}}, "Country": {}}.items()
        )
    )
    market.goods({"TEA": 500}, dict.fromkeys((first, far, country), 5))
    quoted = quote(market, NORTH).ok()
    placed = market.checkout({"TEA": 1}, quote_id=quoted["quote_id"], address=ADDRESS | {"point": NORTH})
    market.pay(placed)
    market.hear()
    order_id = placed["order"]["order_id"]
    said = {"store_id": first, "reason": "broken"}
    market.shop.post(f"/staff/handling/{order_id}/decline", said, as_=market.shop.boss).ok()
    assert market.order(order_id)["store_id"] == country


@pytest.mark.capability("STO-03")
def test_a_store_that_has_its_orders_of_the_day_is_chosen_last_until_the_next(market: Market) -> None:
    small, large = market.store("Small", rank=1, daily_orders=2), market.store("Large", rank=2)
    market.goods({"TEA": 500}, dict.fromkeys((small, large), 50))
    served = []
    for day in range(2):
        for _ in range(3):
            served.append(market.order(market.buy({"TEA": 1}))["store_id"])
            market.shop.pass_time(seconds=30)
        explanation = quote(market)["explanation"]
        assert explanation[0] == "Small has its orders of the day and comes later"
        assert served[3 * day :] == [small, small, large]
        market.shop.pass_time(days=1)
    assert quote(market)["store_id"] == small


@pytest.mark.capability("STO-03")
def test_where_all_the_near_ones_are_full_the_countrys_own_serves(market: Market) -> None:
    near = [market.store(f"Near {n}", reach={"metres": 9000}, daily_orders=0) for n in range(MOST_CANDIDATES)]
    country = market.store("Country")
    market.goods({"TEA": 500}, dict.fromkeys((*near, country), 5))
    quoted = quote(market, NORTH).ok()
    assert quoted["store_id"] == country
    assert quoted["explanation"][-1] == "Country has all of it"


def test_a_store_is_found_where_it_delivers_now_and_nowhere_that_it_did_before(market: Market) -> None:
    """However it is edited: as a look at all stores would have it."""
    shop, points = market.shop, (None, HERE.model_dump(), NORTH, SQUARE[0])
    store_id = market.store("Souk")
    market.goods({"TEA": 500}, {store_id: 50})
    edits: list[dict[str, Any]] = [
        {},
        {"serves": ["ES"]},
        {"serves": ["ES", "PT"], "rank": 7},
        {"reach": {"metres": 100_000}},
        {"reach": {"metres": 5000}, "rank": 1},
        {"reach": {"area": SQUARE}},
        {"reach": {"area": SQUARE}, "open": False},
        {"serves": [f"{a}{b}" for a in "PQ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]},
        {"address": SPAIN},
        {"rank": 10_000_000},
    ]
    for version, edit in enumerate(edits, start=1):
        after = shop.put(f"/staff/stores/{store_id}", STORE | edit | {"version": version}, as_=shop.boss).ok()
        kept.forget_all()
        now = Store.model_validate(after)
        for country in ("PT", "ES", "FR"):
            for point in points:
                asked = {"lines": [{"sku": "TEA", "quantity": 1}], "country": country, "point": point}
                there = GeoPoint.model_validate(point) if point else None
                wanted = now.delivers_to(country) and now.reaches(there)
                assert (shop.post("/me/quotes", asked, as_=INES).status == 200) is wanted, (edit, country, point)
        assert {row["place"] for row in shop.rows("OfferedStore")} == {*now.places}


@pytest.mark.capability("STO-04")
@pytest.mark.parametrize("reach_metres", [None, 100_000])
def test_among_a_thousand_stores_a_quote_asks_a_few_questions_and_the_next_one_none(
    market: Market, monkeypatch: pytest.MonkeyPatch, reach_metres: int | None
) -> None:
    shop = market.shop
    market.goods({"TEA": 500})
    opened = open_many(shop, 1000, reach_metres)
    point = next(row["point"] for row in shop.rows("Store") if row["store_id"] == opened[1])  # in a town
    asked = {"lines": [{"sku": "TEA", "quantity": 1}], "country": "FR", "point": point}
    made = calls(monkeypatch)
    first, calm = (shop.post("/me/quotes", asked, as_=INES) for _ in range(2))
    assert first.body == calm.body and first["code"] == "insufficient_stock"
    assert len([one for one in first["explanation"] if "is short of" in one]) == MOST_CANDIDATES
    assert made.count("query") <= 9 and made[-2:] == ["read_many"] * 2
