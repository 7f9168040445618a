"""A cursor is good for its own list and caller only, and nothing widens what a list shows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from souk.kernel.caller import Caller
from tests.hostile.requests import EVE, WITH_QUERY, ask, parameters, said
from tests.house.pages.routes import Entry
from tests.support import sales
from tests.support.market import INES, Market
from tests.support.people import BOSS, People
from tests.support.shop import Answer, Shop
from tests.support.stripe import running

PAGED = [entry for entry in WITH_QUERY if "cursor" in parameters(entry)]
BUYER = EVE._replace(id=INES.id)


class Lists:
    """A shop with two pages at least of almost every list."""

    def __init__(self, market: Market, people: People) -> None:
        self.shop = market.shop
        self.store_id, self.other_id = market.store(rank=1), market.store("Souk Porto", rank=2)
        products = market.goods({"TEA": 500, "CUP": 900, "JAR": 700}, {self.store_id: 20, self.other_id: 5})
        market.receive(self.store_id, {"TEA": 5})
        market.delist(products["TEA"])
        market.put_on_shelf(products["TEA"])
        for _ in range(2):
            sales.scheduled(market, self.store_id)
        for version in range(2):
            settings = {"currency": "EUR", "version": version}
            self.shop.put("/staff/settings", settings, as_=self.shop.boss).ok()
        for sku in products:
            levels = {"threshold": None, "target": 90, "version": 0}
            self.shop.put(f"/staff/stock/{sku}/{self.store_id}", levels, as_=self.shop.boss).ok()
        people.owner()
        colleague = {**BOSS, "email": "rita@souk.example", "roles": ["service"]}
        self.shop.post("/staff/people", colleague, as_=self.shop.boss).ok()
        for _ in range(2):
            self._trade(market)
        self._known = {
            "store_id": self.store_id,
            "category_id": market.category_id,
            "product_id": products["TEA"],
            "sku": "TEA",
            "status": "shipped",
            "actor": self.shop.boss.id,
        }

    def get(self, entry: Entry, as_: Caller = BUYER, **more: Any) -> Answer:
        path = re.sub(r"{(\w+)}", lambda name: self._known.get(name[1], "none"), entry.path)
        query: dict[str, Any] = {name: self._known[name] for name in ("store_id", "actor") if name in parameters(entry)}
        return self.shop.get(path, as_=as_ if entry.may else None, **query | more)

    def there(self) -> list[Entry]:
        """The lists of what there is."""
        return [entry for entry in PAGED if self.get(entry).status == 200]

    def cursors(self) -> dict[str, str]:
        """Of every list that has a second page, by its path."""
        found = {entry.path: self.get(entry, limit=1)["next_cursor"] for entry in self.there()}
        return {path: cursor for path, cursor in found.items() if cursor}

    def _trade(self, market: Market) -> None:
        """An order that is bought, sent and partly given back; another that waits to be picked."""
        order_id = market.buy({"TEA": 2})
        market.prepare(order_id)
        market.ship(order_id).ok()
        back = {"order_id": order_id, "lines": [{"sku": "TEA", "quantity": 1}], "reason": "damaged"}
        self.shop.post("/me/refunds", back, as_=INES).ok()
        market.prepare(market.buy({"CUP": 1, "TEA": 1}))
        self._restock(f"R-{self.shop.next_number()}")

    def _restock(self, reference: str) -> None:
        """Goods are sent from the other store, ordered, and counted."""
        said = {"store_id": self.store_id, "reference": reference}
        goods = said | {"due": "2026-11-20", "lines": [{"sku": "TEA", "units": 1}]}
        self.shop.post("/staff/transfers", goods | {"from_store_id": self.other_id}, as_=self.shop.boss).ok()
        self.shop.post("/staff/purchases", goods | {"supplier": "Kilns & Sons"}, as_=self.shop.boss).ok()
        self.shop.post("/staff/stocktakes", said, as_=self.shop.boss).ok()


@pytest.fixture(scope="module")
def lists(shared: Shop) -> Iterator[Lists]:
    shared.keep_in_memory()
    with running() as stripe, pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRIPE_API", stripe.url)
        yield Lists(Market(shared, stripe), People(shared, patch))


def spoilt(cursor: str) -> Iterator[str]:
    """Edited, cut, lengthened, and written in other letters that decode to the same."""
    for place in (0, len(cursor) // 2, len(cursor) - 1):
        yield cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
    yield from (
        cursor[:-1],
        cursor[1:],
        cursor + "A",
        cursor + "=",
        f"{cursor}!",
        f" {cursor}",
        cursor[:9] + "." + cursor[9:],
    )
    yield from ("", "0", "é", "eyJQSyI6ICJPUkRFUiMxIn0=", "A" * 1000)


def test_21_a_cursor_is_good_for_its_own_list_and_its_own_caller_only(lists: Lists) -> None:
    cursors, other = lists.cursors(), EVE._replace(id="mem_other")
    assert len(cursors) > 15
    with lists.shop.unchanged():
        for entry in lists.there():
            own = cursors.get(entry.path)
            bad = [cursor for path, cursor in cursors.items() if path != entry.path]
            if own:
                first, second = lists.get(entry, limit=1)["items"], lists.get(entry, limit=1, cursor=own)["items"]
                assert second and first != second
                bad += spoilt(own)
            answers = [lists.get(entry, cursor=cursor) for cursor in bad]
            if own and entry.may:
                answers.append(lists.get(entry, as_=other, cursor=own))
            assert (entry.path, {said(one) for one in answers}) == (entry.path, {(400, "foreign_cursor")})


def test_21_a_cursor_of_one_store_is_none_of_another(lists: Lists) -> None:
    cursors, tried = lists.cursors(), 0
    for entry in PAGED:
        if entry.path in cursors and "store_id" in parameters(entry):
            tried += 1
            answer = lists.get(entry, cursor=cursors[entry.path], store_id=lists.other_id)
            assert (entry.path, said(answer)) == (entry.path, (400, "foreign_cursor"))
    assert tried > 3


def test_25_no_header_and_no_parameter_widens_the_stores_of_staff(lists: Lists) -> None:
    shop, other = lists.shop, lists.other_id
    clerk = EVE._replace(id="clerk", stores=frozenset({lists.store_id}))
    routes = [entry for entry in WITH_QUERY if entry.method == "GET" and "store_id" in parameters(entry)]
    assert len(routes) > 5
    week = {"from": "2026-11-01", "to": "2026-11-07"}
    for entry in routes:
        query = {name: value for name, value in week.items() if name in parameters(entry)}
        assert (entry.path, ask(shop, entry, {**query, "store_id": other}, as_=clerk).status) == (entry.path, 404)
    for name in ("X-Store-Id", "X-Scope", "X-Original-URL", "X-Forwarded-User", "Store"):
        for path in (f"/staff/stores/{other}", f"/staff/stock/TEA/{other}"):
            assert shop.call("GET", path, as_=clerk, headers={name: other}).status == 404
        plain, widened = (shop.call("GET", "/staff/orders", as_=clerk, headers=more) for more in ({}, {name: other}))
        assert plain.body == widened.body and plain["items"]
        assert {order["store_id"] for order in plain["items"]} == {lists.store_id}
