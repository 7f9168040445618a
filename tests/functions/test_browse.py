"""The catalog as everybody sees it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.domains.catalog.store import pages as catalog
from souk.kernel import clock, ids
from souk.table import current
from souk.table.actions import Put
from souk.table.port import Range, Row
from tests.support.market import COLOURS, Market, text
from tests.support.memory import MemoryTable
from tests.support.shop import Shop
from tests.support.table import calls


def shelf(shop: Shop, category_id: str, **query: Any) -> list[Any]:
    """All pages of the list, one after the other."""
    found: list[Any] = []
    page = shop.get(f"/shop/categories/{category_id}/products", **query).ok()
    found += page["items"]
    while page["next_cursor"]:
        page = shop.get(f"/shop/categories/{category_id}/products", cursor=page["next_cursor"], **query).ok()
        found += page["items"]
    return found


@pytest.mark.capability("CAT-08")
def test_the_product_page_has_all_of_it_in_one_call_and_one_query(
    shop: Shop, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = ["https://cdn.example.com/pot.jpg"]
    made = market.listed(market.category(), code="POT", options=[COLOURS], images=images)
    market.receive(market.store(), {"POT-BLACK": 120})
    shop.drain()
    asked = calls(monkeypatch)
    page = shop.get(f"/shop/products/{made['product_id']}")
    assert asked == ["query"]
    assert page.headers["Cache-Control"] == "public, no-cache"
    assert (page["name"], page["description"], page["images"]) == ("Teapot", "Cast iron", images)
    assert page["options"] == [
        {
            "code": "colour",
            "name": "Colour",
            "values": [{"code": "black", "name": "Black"}, {"code": "indigo", "name": "Indigo"}],
        }
    ]
    assert [(sku["sku"], sku["price_minor"], sku["in_stock"], sku["available"]) for sku in page["skus"]] == [
        ("POT-BLACK", 5900, True, 99),
        ("POT-INDIGO", 5900, False, 0),
    ]


@pytest.mark.parametrize(
    ("accepted", "name"),
    [
        (None, "Tea"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "Tea（中文）"),
        ("fr, en-GB;q=0.5, zh;q=0.4", "Tea"),
        ("ZH", "Tea（中文）"),
        ("fr", "Tea"),
        ("zh;q=0", "Tea"),
        ("zh;q=x,,;", "Tea"),
        ("*", "Tea"),
    ],
)
def test_texts_come_in_the_language_that_the_reader_accepts(
    shop: Shop, market: Market, accepted: str | None, name: str
) -> None:
    market.category("Tea")
    headers = {"Accept-Language": accepted} if accepted else {}
    answer = shop.call("GET", "/shop/categories", headers=headers)
    assert [node["name"] for node in answer.ok()["items"]] == [name]
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.capability("CAT-07")
def test_a_category_shows_the_products_of_its_subtree_in_the_chosen_order(shop: Shop, market: Market) -> None:
    home = market.category("Home")
    kitchen = market.category("Kitchen", home)
    tea, garden = market.category("Tea", kitchen), market.category("Garden")
    goods = [("Émile pot", 300, tea), ("apron", 500, kitchen), ("Zebra rug", 100, home), ("Bowl", 300, kitchen)]
    for name, price, where in goods:
        shop.pass_time(seconds=1)
        market.listed(where, name, price_minor=price)
    market.listed(garden, "Spade")
    market.product(tea, "Not listed")

    names = {
        sort: [one["name"] for one in shelf(shop, home, sort=sort, limit=2)]
        for sort in ("newest", "price_asc", "price_desc", "name")
    }
    assert names["newest"] == ["Bowl", "Zebra rug", "apron", "Émile pot"]
    assert names["name"] == ["apron", "Bowl", "Émile pot", "Zebra rug"]
    assert names["price_asc"] == ["Zebra rug", "Émile pot", "Bowl", "apron"]
    assert names["price_desc"] == names["price_asc"][::-1]
    assert [one["name"] for one in shelf(shop, kitchen, sort="name")] == ["apron", "Bowl", "Émile pot"]
    assert shop.get(f"/shop/categories/{home}/products", sort="random").status == 422
    assert shop.get("/shop/categories/cat_0/products").status == 404


def test_a_cursor_is_good_for_its_own_list_only(shop: Shop, market: Market) -> None:
    tea, other = market.category(), market.category()
    for _ in range(3):
        market.listed(tea)
    cursor = shop.get(f"/shop/categories/{tea}/products", limit=2)["next_cursor"]
    assert len(shop.get(f"/shop/categories/{tea}/products", cursor=cursor).ok()["items"]) == 1
    assert shop.get(f"/shop/categories/{other}/products", cursor=cursor).status == 400
    assert shop.get(f"/shop/categories/{tea}/products", cursor=cursor, sort="name").status == 400


@pytest.mark.capability("CAT-07")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(goods=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=12), limit=st.integers(1, 5))
def test_every_page_size_gives_the_same_list_without_gap_or_duplicate(
    shop: Shop, market: Market, goods: list[tuple[int, int]], limit: int
) -> None:
    current.use(MemoryTable())
    top = market.category()
    shelves = [top, *(market.category(parent_id=top) for _ in range(3))]
    made = {market.listed(shelves[where], price_minor=price)["product_id"]: price for where, price in goods}
    up = shelf(shop, top, sort="price_asc", limit=limit)
    assert [(one["price_from_minor"], one["product_id"]) for one in up] == sorted(
        (price, product_id) for product_id, price in made.items()
    )
    assert shelf(shop, top, sort="price_desc", limit=limit) == up[::-1]


class LateIndex(MemoryTable):
    """Its indexes show what they showed when it was told to lag."""

    then: MemoryTable | None = None

    def lag(self) -> None:
        self.then = MemoryTable()
        self.then.write([Put(dict(row)) for row in self.rows.values()], "then")

    def query(self, within: Range, limit: int) -> list[Row]:
        return self.then.query(within, limit) if self.then and within.index else super().query(within, limit)


@pytest.mark.capability("LST-06")
def test_an_index_that_lags_behind_puts_nothing_back_on_the_shelf(shop: Shop, market: Market) -> None:
    table = LateIndex()
    current.use(table)
    tea, other = market.category(), market.category()
    delisted, moved, dearer = (market.listed(tea)["product_id"] for _ in range(3))
    market.product(other)
    table.lag()
    shop.post(f"/staff/listings/{delisted}/delist", {"reason": "Recall"}, as_=shop.boss).ok()
    edit = {"version": 2, "name": text("Moved"), "category_id": other}
    shop.put(f"/staff/products/{moved}", edit, as_=shop.boss).ok()
    sku = shop.get(f"/shop/products/{dearer}")["skus"][0]["sku"]
    shop.call("PATCH", f"/staff/products/{dearer}/skus/{sku}", {"version": 1, "price_minor": 7000}, as_=shop.boss).ok()
    assert [(one["product_id"], one["price_from_minor"]) for one in shelf(shop, tea)] == [(dearer, 7000)]


@pytest.mark.capability("LST-06")
def test_what_is_sold_out_is_left_out_of_the_lists_where_the_shop_says_so(shop: Shop, market: Market) -> None:
    tea, store_id = market.category(), market.store()
    made = [market.listed(tea, code=code, options=[COLOURS])["product_id"] for code in ("POT", "JUG", "CAN")]
    market.receive(store_id, {"POT-BLACK": 1, "JUG-INDIGO": 1})
    shop.drain()
    assert {one["product_id"] for one in shelf(shop, tea)} == set(made)
    shop.put("/staff/settings", {"hide_sold_out": True, "version": 0}, as_=shop.boss).ok()
    shop.pass_time(seconds=20)
    assert {one["product_id"] for one in shelf(shop, tea, limit=1)} == set(made[:2])

    market.place({"POT-BLACK": 1})
    market.receive(store_id, {"CAN-BLACK": 1}, "PO-2")
    shop.drain()
    assert {one["product_id"] for one in shelf(shop, tea)} == set(made[1:])
    assert shop.get(f"/shop/products/{made[0]}").ok()["skus"][0]["in_stock"] is False, "its page is still there"

    off_sale = f"/staff/products/{made[1]}/skus/JUG-INDIGO"
    shop.call("PATCH", off_sale, {"version": 1, "price_minor": None}, as_=shop.boss).ok()
    assert {one["product_id"] for one in shelf(shop, tea)} == {made[2]}, "what lies there is not for sale"


def test_a_product_whose_last_two_skus_run_out_at_once_is_sold_out(
    shop: Shop, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea, store_id = market.category(), market.store()
    market.listed(tea, code="POT", options=[COLOURS])
    market.receive(store_id, {"POT-BLACK": 1, "POT-INDIGO": 1})
    shop.put("/staff/settings", {"hide_sold_out": True, "version": 0}, as_=shop.boss).ok()
    shop.pass_time(seconds=20)
    shop.drain()
    assert len(shelf(shop, tea)) == 1
    page = catalog.page

    def page_late(product_id: str) -> object:
        found = page(product_id)
        monkeypatch.setattr(catalog, "page", page)
        shop.drain()
        return found

    for sku in ("POT-BLACK", "POT-INDIGO"):
        market.place({sku: 1})
    monkeypatch.setattr(catalog, "page", page_late)
    shop.drain()
    assert catalog.page is page
    assert shelf(shop, tea) == []


STEPS = st.one_of(
    st.tuples(st.sampled_from(["list", "delist", "delete", "cancel"]), st.integers(0, 3)),
    st.tuples(st.just("plan"), st.integers(0, 3), st.sampled_from([(90, None), (90, 150), (None, 90)])),
    st.tuples(st.just("price"), st.integers(0, 3), st.integers(0, 1), st.none() | st.integers(0, 9_999)),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 1)),
    st.tuples(st.just("drop_value"), st.integers(0, 3), st.sampled_from(["black", "indigo"])),
    st.tuples(st.just("wait"), st.booleans()),
    st.tuples(st.just("stock"), st.integers(0, 3), st.integers(0, 1), st.sampled_from([0, 2])),
    st.tuples(st.just("hide_sold_out"), st.booleans()),
)


@pytest.mark.capability("LST-06")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=15))
def test_the_shop_shows_what_can_be_bought_and_nothing_else(
    shop: Shop, market: Market, steps: list[tuple[Any, ...]]
) -> None:
    walk = Walk(market)
    assert len(walk.checked()) == 4
    for step in steps:
        getattr(walk, step[0])(*step[1:])
        walk.checked()


class Walk:
    """Four listed products in two categories, and what may happen to them."""

    def __init__(self, market: Market) -> None:
        current.use(MemoryTable())
        self.shop, self.top = market.shop, market.category()
        self.shelves = [self.top, market.category(parent_id=self.top)]
        self.ids = [market.listed(self.shelves[n % 2], options=[COLOURS])["product_id"] for n in range(4)]
        self.store_id, self.units, self.hides = market.store(), Counter[str](), False
        market.shop.clock.at += timedelta(minutes=1)  # settings of an earlier walk are forgotten

    def checked(self) -> set[str]:
        """What can be bought, which the shop must show; its lists may leave out what is sold out."""
        sheets = [self.sheet(n) for n in range(4)]
        goods = {one["product_id"]: [sku["sku"] for sku in one["skus"] if self.sold(one, sku)] for one in sheets}
        wanted = {product_id for product_id, skus in goods.items() if skus}
        for sort in ("newest", "price_asc", "name"):
            cards = shelf(self.shop, self.top, sort=sort)
            assert sorted(card["product_id"] for card in cards) == sorted(
                one for one in wanted if not self.hides or any(self.units[sku] for sku in goods[one])
            )
        for product_id, skus in goods.items():
            page = self.shop.get(f"/shop/products/{product_id}")
            assert page.status == (200 if skus else 404)
            assert [sku["sku"] for sku in page.body.get("skus", [])] == skus
        return wanted

    def sold(self, sheet: Any, sku: Any) -> bool:
        begun = sheet["status"] == "listed" or self.is_past(sheet["list_at"])
        return bool(begun and not self.is_past(sheet["delist_at"]) and sku["active"] and sku["price_minor"] is not None)

    def is_past(self, at: str | None) -> bool:
        return at is not None and datetime.fromisoformat(at) <= self.shop.clock.at

    def sheet(self, n: int) -> Any:
        return self.shop.get(f"/staff/products/{self.ids[n]}", as_=self.shop.boss).ok()

    def list(self, n: int) -> None:
        self.shop.post(f"/staff/listings/{self.ids[n]}/list", as_=self.shop.boss)

    def delist(self, n: int) -> None:
        self.shop.post(f"/staff/listings/{self.ids[n]}/delist", {"reason": "Walk"}, as_=self.shop.boss)

    def delete(self, n: int) -> None:
        self.shop.delete(f"/staff/products/{self.ids[n]}", as_=self.shop.boss).ok()

    def plan(self, n: int, window: tuple[int | None, int | None]) -> None:
        """From so many minutes on, until so many."""
        times = zip(("list_at", "delist_at"), window, strict=True)
        said = {name: clock.text(self.shop.clock.at + timedelta(minutes=one)) for name, one in times if one}
        self.shop.put(f"/staff/listings/{self.ids[n]}/schedule", said, as_=self.shop.boss)

    def cancel(self, n: int) -> None:
        self.shop.delete(f"/staff/listings/{self.ids[n]}/schedule", as_=self.shop.boss).ok()

    def wait(self, timers_come: bool) -> None:
        """An hour goes by, and every timer comes, whether or not it is time; or none does."""
        self.shop.clock.at += timedelta(hours=1)
        for product_id in self.ids if timers_come else ():
            self.shop.invoke("ApplyListing", {"product_id": product_id})

    def price(self, n: int, which: int, price_minor: int | None) -> None:
        sku = self.sheet(n)["skus"][which]
        path = f"/staff/products/{self.ids[n]}/skus/{sku['sku']}"
        self.shop.call("PATCH", path, {"version": sku["version"], "price_minor": price_minor}, as_=self.shop.boss)

    def move(self, n: int, to: int) -> None:
        edit = {"version": self.sheet(n)["version"], "name": text("Moved"), "category_id": self.shelves[to]}
        self.shop.put(f"/staff/products/{self.ids[n]}", edit, as_=self.shop.boss)

    def stock(self, n: int, which: int, units: int) -> None:
        """So many are there, which the bus tells of."""
        sku = self.sheet(n)["skus"][which]["sku"]
        if more := units - self.units[sku]:
            lines = [{"sku": sku, "units": abs(more)}]
            document = {
                "kind": "receipt" if more > 0 else "issue",
                "store_id": self.store_id,
                "lines": lines,
                "reference": f"walk-{self.shop.next_number()}",
            }
            self.shop.post("/staff/stock-documents", document, as_=self.shop.boss).ok()
            self.units[sku] = units
            data = {"store_id": self.store_id, "cause": "test", "reference": "walk", "units": {sku: more}}
            detail = {"fact_id": ids.new("fct"), "data": data}
            self.shop.invoke("WatchLevels", {"detail-type": "StockMoved", "detail": detail})

    def hide_sold_out(self, hides: bool) -> None:
        """Settings reach every process within twenty seconds."""
        version = self.shop.get("/staff/settings", as_=self.shop.boss)["version"]
        edit = {"hide_sold_out": hides, "version": version}
        self.shop.put("/staff/settings", edit, as_=self.shop.boss).ok()
        self.shop.clock.at += timedelta(seconds=20)
        self.hides = hides

    def drop_value(self, n: int, colour: str) -> None:
        path = f"/staff/products/{self.ids[n]}/options/colour/values/{colour}"
        self.shop.delete(path, as_=self.shop.boss, version=self.sheet(n)["version"])
