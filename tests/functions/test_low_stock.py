"""The warning of a store that runs out of something, and what the product page says is there."""

import random
from datetime import timedelta

import pytest

from souk.domains.inventory.store import stock as stocks
from tests.support.market import Market
from tests.support.shop import Shop


@pytest.fixture
def store_id(shop: Shop, market: Market) -> str:
    """A store with ten mugs, that wants to know when four are left."""
    store_id = market.store()
    market.goods({"MUG": 1000}, {store_id: 10})
    _set(shop, store_id, threshold=4, version=0)
    shop.drain()
    return store_id


def _set(shop: Shop, store_id: str, **edit: int | None) -> None:
    shop.put(f"/staff/stock/MUG/{store_id}", edit, as_=shop.boss).ok()


def _sell(market: Market, units: int, told_times: int = 1) -> str:
    order_id = market.place({"MUG": units})
    market.shop.drain(told_times)
    return order_id


def _told(shop: Shop) -> list[int]:
    """How many were left at each warning."""
    return [fact["available"] for fact in shop.facts("StockFellLow")]


def _shown(shop: Shop) -> tuple[bool, int]:
    state = shop.rows("SkuState")[-1]
    return state["in_stock"], state["available"]


@pytest.mark.capability("INV-05")
def test_each_fall_to_the_threshold_is_told_once(shop: Shop, market: Market, store_id: str) -> None:
    _sell(market, 5)
    assert _told(shop) == []
    order_id = _sell(market, 2)
    assert shop.facts("StockFellLow") == [
        {"sku": "MUG", "store_id": store_id, "available": 3, "threshold": 4, "fall": 1, "alert_to": "both"}
    ]
    _sell(market, 1)
    assert _told(shop) == [3]
    market.cancel(order_id).ok()
    shop.drain()
    assert _told(shop) == [3]
    market.receive(store_id, {"MUG": 6}, "PO-2")
    shop.drain()
    shop.clock.at += timedelta(days=1)
    _sell(market, 6)
    assert [(fact["available"], fact["fall"]) for fact in shop.facts("StockFellLow")] == [(3, 1), (4, 2)]
    for reader in (shop.boss, shop.staff("messages.read", stores=(store_id,))):
        messages = shop.get("/staff/messages", as_=reader).ok()["items"]
        assert [message["topic"] for message in messages] == ["stock_low", "stock_low"]


def test_the_alert_is_taken_back_when_the_stock_rises_above_the_threshold(
    shop: Shop, market: Market, store_id: str
) -> None:
    path = f"/staff/stock/MUG/{store_id}"
    order_id = _sell(market, 6)
    assert shop.get(path, as_=shop.boss)["low"] is True
    market.cancel(order_id).ok()
    shop.drain()
    assert shop.get(path, as_=shop.boss)["low"] is False


def test_facts_that_come_twice_and_in_any_order_tell_no_more(shop: Shop, market: Market, store_id: str) -> None:
    orders = [market.place({"MUG": 1}) for _ in range(8)]
    for order_id in orders[:3]:
        market.cancel(order_id).ok()
    told, shuffled = shop.rows, random.Random(7)

    def in_any_order(kind: str) -> list[dict[str, object]]:
        found = told(kind)
        shuffled.shuffle(found)
        return found

    shop.rows = in_any_order  # type: ignore[method-assign]
    shop.drain(times=3)
    shop.rows = told  # type: ignore[method-assign]
    assert _told(shop) == []
    assert market.level("MUG", store_id) == (10, 5, 5)
    assert _shown(shop) == (True, 5)
    _sell(market, 1, told_times=3)
    assert _told(shop) == [4]
    assert _shown(shop) == (True, 4)


@pytest.mark.capability("INV-05")
def test_a_sale_between_looking_and_writing_is_looked_at_again(
    shop: Shop, market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = market.place({"MUG": 7})
    find = stocks.find

    def find_late(sku: str, where: str) -> object:
        found = find(sku, where)
        monkeypatch.setattr(stocks, "find", find)
        market.cancel(order_id).ok()
        return found

    monkeypatch.setattr(stocks, "find", find_late)
    shop.drain()
    assert _told(shop) == []
    assert shop.get(f"/staff/stock/MUG/{store_id}", as_=shop.boss)["low"] is False


def test_a_threshold_above_what_is_there_warns_at_once_and_null_warns_nobody(
    shop: Shop, market: Market, store_id: str
) -> None:
    _set(shop, store_id, threshold=10, version=1)
    assert _told(shop) == [10]
    _set(shop, store_id, threshold=None, version=2)
    _sell(market, 10)
    assert _told(shop) == [10]


def test_sales_do_not_stand_in_the_way_of_setting_the_threshold_but_another_edit_does(
    shop: Shop, market: Market, store_id: str
) -> None:
    path = f"/staff/stock/MUG/{store_id}"
    seen = shop.get(path, as_=shop.boss)["version"]
    _sell(market, 1)
    assert shop.put(path, {"threshold": 3, "version": seen}, as_=shop.boss).ok()["version"] == seen + 1
    late = shop.put(path, {"threshold": 2, "version": seen}, as_=shop.boss)
    assert (late.status, late["code"], late["version"]) == (409, "edited_meanwhile", seen + 1)
    assert shop.get(path, as_=shop.boss)["threshold"] == 3


def test_a_threshold_that_is_no_count_is_refused(shop: Shop, store_id: str) -> None:
    for threshold in (-1, "3", True, 1.5, 10_000_001):
        edit = {"threshold": threshold, "version": 1}
        assert shop.put(f"/staff/stock/MUG/{store_id}", edit, as_=shop.boss).status == 422, threshold


def test_the_product_page_is_told_what_all_stores_have_together_and_never_the_exact_plenty(
    shop: Shop, market: Market, store_id: str
) -> None:
    assert _shown(shop) == (True, 10)
    branch = market.store("Souk Baixa", rank=200)
    market.receive(branch, {"MUG": 2})
    shop.drain()
    _sell(market, 9)
    assert _shown(shop) == (True, 3)
    market.place({"MUG": 2})
    _sell(market, 1)
    assert _shown(shop) == (False, 0)
    market.receive(branch, {"MUG": 5_000}, "PO-2")
    shop.drain()
    assert _shown(shop) == (True, 99)
