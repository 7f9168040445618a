"""The warning of a store that runs out of something, and what the product page says is there."""

import random
from datetime import timedelta

import pytest

from souk.domains.inventory import store as stocks
from souk.domains.orders.model.order import Order
from tests.support import goods, sales
from tests.support.shop import Shop

WRITES = frozenset({"stock.read", "stock.write"})


@pytest.fixture
def store_id(shop: Shop) -> str:
    """A store with ten mugs, that wants to know when four are left."""
    store_id = goods.open_store(shop)
    goods.make_product(shop, "MUG")
    goods.receive(shop, store_id, {"MUG": 10})
    _set(shop, store_id, threshold=4, version=0)
    shop.drain()
    return store_id


def _set(shop: Shop, store_id: str, **edit: int | None) -> None:
    shop.put(f"/staff/stock/MUG/{store_id}", edit, as_=shop.boss).ok()


def _sell(shop: Shop, store_id: str, units: int, told_times: int = 1) -> Order:
    order = sales.place(store_id, {"MUG": units})
    shop.drain(told_times)
    return order


def _told(shop: Shop) -> list[int]:
    """How many were left at each warning."""
    return [fact["available"] for fact in shop.facts("StockFellLow")]


def _shown(shop: Shop) -> tuple[bool, int]:
    state = shop.rows("SkuState")[-1]
    return state["in_stock"], state["available"]


@pytest.mark.capability("INV-05")
def test_each_fall_to_the_threshold_is_told_once(shop: Shop, store_id: str) -> None:
    _sell(shop, store_id, 5)
    assert _told(shop) == []
    order = _sell(shop, store_id, 2)
    assert shop.facts("StockFellLow") == [
        {"sku": "MUG", "store_id": store_id, "available": 3, "threshold": 4, "fall": 1}]  # fmt: skip
    _sell(shop, store_id, 1)
    assert _told(shop) == [3]
    sales.cancel(order)
    shop.drain()
    assert _told(shop) == [3]
    goods.receive(shop, store_id, {"MUG": 6}, "PO-2")
    shop.drain()
    shop.clock.at += timedelta(days=1)
    _sell(shop, store_id, 6)
    assert [(fact["available"], fact["fall"]) for fact in shop.facts("StockFellLow")] == [(3, 1), (4, 2)]
    for reader in (shop.boss, goods.clerk(store_id, may=frozenset({"messages.read"}))):
        messages = shop.get("/staff/messages", as_=reader).ok()["items"]
        assert [message["topic"] for message in messages] == ["stock_low", "stock_low"]


def test_the_alert_is_taken_back_when_the_stock_rises_above_the_threshold(shop: Shop, store_id: str) -> None:
    path = f"/staff/stock/MUG/{store_id}"
    order = _sell(shop, store_id, 6)
    assert shop.get(path, as_=shop.boss)["low"] is True
    sales.cancel(order)
    shop.drain()
    assert shop.get(path, as_=shop.boss)["low"] is False


def test_facts_that_come_twice_and_in_any_order_tell_no_more(shop: Shop, store_id: str) -> None:
    orders = [sales.place(store_id, {"MUG": 1}) for _ in range(8)]
    for order in orders[:3]:
        sales.cancel(order)
    told, shuffled = shop.rows, random.Random(7)

    def in_any_order(kind: str) -> list[dict[str, object]]:
        found = told(kind)
        shuffled.shuffle(found)
        return found

    shop.rows = in_any_order  # type: ignore[method-assign]
    shop.drain(times=3)
    shop.rows = told  # type: ignore[method-assign]
    assert _told(shop) == []
    assert goods.level(shop, "MUG", store_id) == (10, 5, 5)
    assert _shown(shop) == (True, 5)
    _sell(shop, store_id, 1, told_times=3)
    assert _told(shop) == [4]
    assert _shown(shop) == (True, 4)


@pytest.mark.capability("INV-05")
def test_a_sale_between_looking_and_writing_is_looked_at_again(
    shop: Shop, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sales.place(store_id, {"MUG": 7})
    find = stocks.find

    def find_late(sku: str, where: str) -> object:
        found = find(sku, where)
        monkeypatch.setattr(stocks, "find", find)
        sales.cancel(order)
        return found

    monkeypatch.setattr(stocks, "find", find_late)
    shop.drain()
    assert _told(shop) == []
    assert shop.get(f"/staff/stock/MUG/{store_id}", as_=shop.boss)["low"] is False


def test_a_threshold_above_what_is_there_warns_at_once_and_null_warns_nobody(shop: Shop, store_id: str) -> None:
    _set(shop, store_id, threshold=10, version=1)
    assert _told(shop) == [10]
    _set(shop, store_id, threshold=None, version=2)
    _sell(shop, store_id, 10)
    assert _told(shop) == [10]


def test_sales_do_not_stand_in_the_way_of_setting_the_threshold_but_another_edit_does(
    shop: Shop, store_id: str
) -> None:
    path = f"/staff/stock/MUG/{store_id}"
    seen = shop.get(path, as_=shop.boss)["version"]
    _sell(shop, store_id, 1)
    assert shop.put(path, {"threshold": 3, "version": seen}, as_=shop.boss).ok()["version"] == seen + 1
    late = shop.put(path, {"threshold": 2, "version": seen}, as_=shop.boss)
    assert (late.status, late["code"], late["version"]) == (409, "threshold_changed", seen + 1)
    assert shop.get(path, as_=shop.boss)["threshold"] == 3


def test_a_threshold_that_is_no_count_is_refused(shop: Shop, store_id: str) -> None:
    for threshold in (-1, "3", True, 1.5, 10_000_001):
        edit = {"threshold": threshold, "version": 1}
        assert shop.put(f"/staff/stock/MUG/{store_id}", edit, as_=shop.boss).status == 422, threshold


def test_the_product_page_is_told_what_all_stores_have_together_and_never_the_exact_plenty(
    shop: Shop, store_id: str
) -> None:
    assert _shown(shop) == (True, 10)
    branch = goods.open_store(shop, "Souk Baixa")
    goods.receive(shop, branch, {"MUG": 2})
    shop.drain()
    _sell(shop, store_id, 9)
    assert _shown(shop) == (True, 3)
    sales.place(branch, {"MUG": 2})
    _sell(shop, store_id, 1)
    assert _shown(shop) == (False, 0)
    goods.receive(shop, branch, {"MUG": 5_000}, "PO-2")
    shop.drain()
    assert _shown(shop) == (True, 99)
