"""The catalog as everybody sees it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.kernel import clock
from souk.table import current
from souk.table.port import Range, Row
from tests.support.catalog import COLOURS, category, listed, product, text
from tests.support.goods import open_store, receive
from tests.support.memory import MemoryTable
from tests.support.shop import Shop


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
def test_the_product_page_has_all_of_it_in_one_call_and_one_query(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    images = ["https://cdn.example.com/pot.jpg"]
    made = listed(shop, category(shop), code="POT", options=[COLOURS], images=images)
    receive(shop, open_store(shop), {"POT-BLACK": 120})
    shop.drain()
    asked = calls(monkeypatch)
    page = shop.get(f"/shop/products/{made['product_id']}")
    assert asked == ["query"]
    assert page.headers["Cache-Control"] == "public, no-cache"
    assert (page["name"], page["description"], page["images"]) == ("Teapot", "Cast iron", images)
    assert page["options"] == [{"code": "colour", "name": "Colour", "values": [
        {"code": "black", "name": "Black"}, {"code": "indigo", "name": "Indigo"}]}]  # fmt: skip
    assert [(sku["sku"], sku["price_minor"], sku["in_stock"], sku["available"]) for sku in page["skus"]] == [
        ("POT-BLACK", 5900, True, 99), ("POT-INDIGO", 5900, False, 0)]  # fmt: skip


def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Fills with the name of every call to the table from now on."""
    made: list[str] = []
    there = current.table()

    def counted(name: str) -> Callable[..., Any]:
        call = getattr(there, name)

        def count(*args: Any) -> Any:
            made.append(name)
            return call(*args)

        return count

    for name in ("read", "read_many", "query", "write"):
        monkeypatch.setattr(there, name, counted(name))
    return made


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
def test_texts_come_in_the_language_that_the_reader_accepts(shop: Shop, accepted: str | None, name: str) -> None:
    category(shop, "Tea")
    headers = {"Accept-Language": accepted} if accepted else {}
    answer = shop.call("GET", "/shop/categories", headers=headers)
    assert [node["name"] for node in answer.ok()["items"]] == [name]
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.capability("CAT-07")
def test_a_category_shows_the_products_of_its_subtree_in_the_chosen_order(shop: Shop) -> None:
    home = category(shop, "Home")
    kitchen = category(shop, "Kitchen", home)
    tea, garden = category(shop, "Tea", kitchen), category(shop, "Garden")
    goods = [("Émile pot", 300, tea), ("apron", 500, kitchen), ("Zebra rug", 100, home), ("Bowl", 300, kitchen)]
    for name, price, where in goods:
        shop.pass_time(seconds=1)
        listed(shop, where, name, price_minor=price)
    listed(shop, garden, "Spade")
    product(shop, tea, "Not listed")

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


def test_a_cursor_is_good_for_its_own_list_only(shop: Shop) -> None:
    tea, other = category(shop), category(shop)
    for _ in range(3):
        listed(shop, tea)
    cursor = shop.get(f"/shop/categories/{tea}/products", limit=2)["next_cursor"]
    assert len(shop.get(f"/shop/categories/{tea}/products", cursor=cursor).ok()["items"]) == 1
    assert shop.get(f"/shop/categories/{other}/products", cursor=cursor).status == 400
    assert shop.get(f"/shop/categories/{tea}/products", cursor=cursor, sort="name").status == 400


@pytest.mark.capability("CAT-07")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(goods=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=12), limit=st.integers(1, 5))
def test_every_page_size_gives_the_same_list_without_gap_or_duplicate(
    shop: Shop, goods: list[tuple[int, int]], limit: int
) -> None:
    current.use(MemoryTable())
    top = category(shop)
    shelves = [top, *(category(shop, parent_id=top) for _ in range(3))]
    made = {listed(shop, shelves[where], price_minor=price)["product_id"]: price for where, price in goods}
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
        self.then.rows = {at: dict(row) for at, row in self.rows.items()}

    def query(self, within: Range, limit: int) -> list[Row]:
        return self.then.query(within, limit) if self.then and within.index else super().query(within, limit)


@pytest.mark.capability("LST-06")
def test_an_index_that_lags_behind_puts_nothing_back_on_the_shelf(shop: Shop) -> None:
    table = LateIndex()
    current.use(table)
    tea, other = category(shop), category(shop)
    delisted, moved, dearer = (listed(shop, tea)["product_id"] for _ in range(3))
    product(shop, other)
    table.lag()
    shop.post(f"/staff/listings/{delisted}/delist", {"reason": "Recall"}, as_=shop.boss).ok()
    edit = {"version": 2, "name": text("Moved"), "category_id": other}
    shop.put(f"/staff/products/{moved}", edit, as_=shop.boss).ok()
    sku = shop.get(f"/shop/products/{dearer}")["skus"][0]["sku"]
    shop.call("PATCH", f"/staff/products/{dearer}/skus/{sku}", {"version": 1, "price_minor": 7000}, as_=shop.boss).ok()
    assert [(one["product_id"], one["price_from_minor"]) for one in shelf(shop, tea)] == [(dearer, 7000)]


STEPS = st.one_of(
    st.tuples(st.sampled_from(["list", "delist", "delete", "cancel", "plan"]), st.integers(0, 3)),
    st.tuples(st.just("price"), st.integers(0, 3), st.integers(0, 1), st.none() | st.integers(0, 9_999)),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 1)),
    st.tuples(st.just("drop_value"), st.integers(0, 3), st.sampled_from(["black", "indigo"])),
    st.tuples(st.just("wait")),
)


@pytest.mark.capability("LST-06")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=15))
def test_the_shop_shows_what_can_be_bought_and_nothing_else(shop: Shop, steps: list[tuple[Any, ...]]) -> None:
    walk = Walk(shop)
    assert len(walk.checked()) == 4
    for step in steps:
        getattr(walk, step[0])(*step[1:])
        walk.checked()


class Walk:
    """Four listed products in two categories, and what may happen to them."""

    def __init__(self, shop: Shop) -> None:
        current.use(MemoryTable())
        self.shop, self.top = shop, category(shop)
        self.shelves = [self.top, category(shop, parent_id=self.top)]
        self.ids = [listed(shop, self.shelves[n % 2], options=[COLOURS])["product_id"] for n in range(4)]

    def checked(self) -> set[str]:
        """What the shop shows, which must be what staff have listed and priced."""
        sheets = [self.sheet(n) for n in range(4)]
        goods = {one["product_id"]: [sku["sku"] for sku in one["skus"] if self.sold(one, sku)] for one in sheets}
        wanted = {product_id for product_id, skus in goods.items() if skus}
        for sort in ("newest", "price_asc", "name"):
            cards = shelf(self.shop, self.top, sort=sort)
            assert sorted(card["product_id"] for card in cards) == sorted(wanted)
        for product_id, skus in goods.items():
            page = self.shop.get(f"/shop/products/{product_id}")
            assert page.status == (200 if skus else 404)
            assert [sku["sku"] for sku in page.body.get("skus", [])] == skus
        return wanted

    @staticmethod
    def sold(sheet: Any, sku: Any) -> bool:
        return bool(sheet["status"] == "listed" and sku["active"] and sku["price_minor"] is not None)

    def sheet(self, n: int) -> Any:
        return self.shop.get(f"/staff/products/{self.ids[n]}", as_=self.shop.boss).ok()

    def list(self, n: int) -> None:
        self.shop.post(f"/staff/listings/{self.ids[n]}/list", as_=self.shop.boss)

    def delist(self, n: int) -> None:
        self.shop.post(f"/staff/listings/{self.ids[n]}/delist", {"reason": "Walk"}, as_=self.shop.boss)

    def delete(self, n: int) -> None:
        self.shop.delete(f"/staff/products/{self.ids[n]}", as_=self.shop.boss).ok()

    def plan(self, n: int) -> None:
        list_at = clock.text(self.shop.clock.at + timedelta(minutes=90))
        self.shop.put(f"/staff/listings/{self.ids[n]}/schedule", {"list_at": list_at}, as_=self.shop.boss)

    def cancel(self, n: int) -> None:
        self.shop.delete(f"/staff/listings/{self.ids[n]}/schedule", as_=self.shop.boss).ok()

    def wait(self) -> None:
        """An hour goes by, and every timer comes, whether or not it is time."""
        self.shop.clock.at += timedelta(hours=1)
        for product_id in self.ids:
            self.shop.invoke("ApplyListing", {"product_id": product_id})

    def price(self, n: int, which: int, price_minor: int | None) -> None:
        sku = self.sheet(n)["skus"][which]
        path = f"/staff/products/{self.ids[n]}/skus/{sku['sku']}"
        self.shop.call("PATCH", path, {"version": sku["version"], "price_minor": price_minor}, as_=self.shop.boss)

    def move(self, n: int, to: int) -> None:
        edit = {"version": self.sheet(n)["version"], "name": text("Moved"), "category_id": self.shelves[to]}
        self.shop.put(f"/staff/products/{self.ids[n]}", edit, as_=self.shop.boss)

    def drop_value(self, n: int, colour: str) -> None:
        path = f"/staff/products/{self.ids[n]}/options/colour/values/{colour}"
        self.shop.delete(path, as_=self.shop.boss, version=self.sheet(n)["version"])
