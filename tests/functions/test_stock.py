"""Stock as staff read it, in step with what is sold, given back and received."""

import pytest

from tests.support.market import OTTO, Market
from tests.support.shop import Shop
from tests.support.table import before_next_write


@pytest.fixture
def store_id(market: Market) -> str:
    """A store with ten mugs."""
    store_id = market.store()
    market.goods({"MUG": 1000}, {store_id: 10})
    return store_id


@pytest.mark.capability("INV-01")
def test_every_step_of_an_order_is_seen_in_the_stock(market: Market, store_id: str) -> None:
    assert market.level("MUG", store_id) == (10, 0, 10)
    kept, dropped = market.buy({"MUG": 3}), market.place({"MUG": 2})
    assert market.level("MUG", store_id) == (10, 5, 5)
    market.cancel(dropped).ok()
    assert market.level("MUG", store_id) == (10, 3, 7)
    market.prepare(kept)
    assert market.level("MUG", store_id) == (10, 3, 7)
    market.ship(kept).ok()
    assert market.level("MUG", store_id) == (7, 0, 7)
    market.receive(store_id, {"MUG": 5}, "PO-2")
    assert market.level("MUG", store_id) == (12, 0, 12)


def test_what_is_gone_when_the_order_is_written_is_not_reserved_and_nothing_of_the_order_is(
    shop: Shop, market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.goods({"CUP": 1000}, {store_id: 2})
    quote_id = market.quote({"MUG": 1, "CUP": 2}).ok()["quote_id"]
    before_next_write(monkeypatch, lambda: market.place({"CUP": 1}, by=OTTO))
    refused = market.checkout({"MUG": 1, "CUP": 2}, quote_id=quote_id)
    assert (refused.status, refused["code"], refused["sku"], refused["wanted"]) == (409, "insufficient_stock", "CUP", 2)
    assert (market.level("MUG", store_id), market.level("CUP", store_id)) == ((10, 0, 10), (2, 1, 1))
    assert [order["buyer_id"] for order in shop.rows("Order")] == [OTTO.id]
    assert market.quote({"NEVER-SEEN": 1}).status == 409


@pytest.mark.capability("INV-14")
def test_head_office_sees_a_store_sale_at_once_and_the_sum_of_all_stores(
    shop: Shop, market: Market, store_id: str
) -> None:
    branch = market.store("Souk Baixa", rank=1)
    market.receive(branch, {"MUG": 4})
    market.place({"MUG": 1})
    levels = shop.get("/staff/stock/MUG", as_=shop.boss).ok()
    assert [levels[name] for name in ("on_hand", "reserved", "available")] == [14, 1, 13]
    assert {one["store_id"]: one["available"] for one in levels["stores"]} == {store_id: 10, branch: 3}


def test_the_list_of_a_store_goes_on_where_the_page_before_ended(shop: Shop, market: Market, store_id: str) -> None:
    market.goods(dict.fromkeys(("BOWL", "CUP", "PLATE"), 1000))
    market.receive(store_id, {"PLATE": 1, "BOWL": 2, "CUP": 3}, "PO-2")
    first = shop.get("/staff/stock", as_=shop.boss, store_id=store_id, limit=3).ok()
    assert [(one["sku"], one["on_hand"]) for one in first["items"]] == [("BOWL", 2), ("CUP", 3), ("MUG", 10)]
    query = {"store_id": store_id, "cursor": first["next_cursor"]}
    assert [one["sku"] for one in shop.get("/staff/stock", as_=shop.boss, **query).ok()["items"]] == ["PLATE"]
    other = market.store("Souk Baixa")
    assert shop.get("/staff/stock", as_=shop.boss, **query | {"store_id": other}).status == 400


def test_another_stores_stock_is_missing_like_one_that_never_was(shop: Shop, market: Market, store_id: str) -> None:
    branch = market.store("Souk Baixa")
    market.receive(branch, {"MUG": 4})
    clerk = shop.staff("stock.read", "stock.write", stores=(branch,))
    for path in ("/staff/stock/MUG/{}", "/staff/stock/MUG/{}/entries"):
        foreign, absent = (shop.get(path.format(one), as_=clerk) for one in (store_id, "sto_0"))
        assert foreign.status == 404
        assert foreign.body == absent.body
    edit = {"threshold": 1, "version": 0}
    assert shop.put(f"/staff/stock/MUG/{store_id}", edit, as_=clerk).status == 404
    assert shop.get("/staff/stock", as_=clerk, store_id=store_id).status == 404
    levels = shop.get("/staff/stock/MUG", as_=clerk).ok()
    assert ([one["store_id"] for one in levels["stores"]], levels["on_hand"]) == ([branch], 4)


def test_stock_that_is_not_kept_is_missing(shop: Shop, store_id: str) -> None:
    for path in ("/staff/stock/MUG/a%23b", f"/staff/stock/NEVER/{store_id}", "/staff/stock/MUG/sto_0"):
        assert shop.get(path, as_=shop.boss).status == 404, path
