"""Stock as staff read it, in step with what is sold, given back and received."""

import pytest

from souk.domains.inventory import actions as inventory
from souk.domains.inventory.model import InsufficientStock
from souk.table.unit import ChangedMeanwhile, Unit
from tests.support import goods, sales
from tests.support.shop import Shop

READS = frozenset({"stock.read", "stock.write"})


@pytest.fixture
def store_id(shop: Shop) -> str:
    """A store with ten mugs."""
    store_id = goods.open_store(shop)
    goods.make_product(shop, "MUG")
    goods.receive(shop, store_id, {"MUG": 10})
    return store_id


@pytest.mark.capability("INV-01")
def test_every_step_of_an_order_is_seen_in_the_stock(shop: Shop, store_id: str) -> None:
    assert goods.level(shop, "MUG", store_id) == (10, 0, 10)
    kept, dropped = sales.place(store_id, {"MUG": 3}), sales.place(store_id, {"MUG": 2})
    assert goods.level(shop, "MUG", store_id) == (10, 5, 5)
    sales.cancel(dropped)
    assert goods.level(shop, "MUG", store_id) == (10, 3, 7)
    order = sales.prepare(kept)
    parcel = {"order_id": order.order_id, "carrier": "ups", "tracking_number": "1Z999AA10123456784"}
    shop.post("/staff/shipments", parcel, as_=shop.boss).ok()
    assert goods.level(shop, "MUG", store_id) == (7, 0, 7)
    goods.receive(shop, store_id, {"MUG": 5}, "PO-2")
    assert goods.level(shop, "MUG", store_id) == (12, 0, 12)


def test_what_is_not_available_cannot_be_reserved_and_nothing_of_the_order_is(shop: Shop, store_id: str) -> None:
    goods.make_product(shop, "CUP")
    goods.receive(shop, store_id, {"CUP": 1}, "PO-2")
    with pytest.raises(InsufficientStock) as refused:
        sales.place(store_id, {"MUG": 1, "CUP": 2})
    assert refused.value.facts == {"sku": "CUP", "wanted": 2}
    assert goods.level(shop, "MUG", store_id) == (10, 0, 10)
    assert shop.rows("Order") == []
    with pytest.raises(InsufficientStock):
        sales.place(store_id, {"NEVER-SEEN": 1})


@pytest.mark.capability("INV-04")
def test_a_cancellation_and_a_timeout_at_once_give_the_stock_back_once(shop: Shop, store_id: str) -> None:
    order, other = sales.place(store_id, {"MUG": 3}), sales.place(store_id, {"MUG": 4})
    sales.cancel(order)
    with pytest.raises(ChangedMeanwhile):
        sales.cancel(order)
    assert goods.level(shop, "MUG", store_id) == (10, 4, 6)
    assert other.unshipped() == {"MUG": 4}


def test_goods_that_come_back_are_for_sale_again(shop: Shop, store_id: str) -> None:
    with Unit() as unit:
        inventory.restock(unit, store_id, {"MUG": 2}, reference="cas_1", by="boss", at=shop.clock())
    assert goods.level(shop, "MUG", store_id) == (12, 0, 12)
    entries = shop.get(f"/staff/stock/MUG/{store_id}/entries", as_=shop.boss).ok()["items"]
    (entry,) = entries[1:]
    assert (entry["cause"], entry["reference"], entry["delta"], entry["balance"]) == ("restock", "cas_1", 2, 12)


@pytest.mark.capability("INV-14")
def test_head_office_sees_a_store_sale_at_once_and_the_sum_of_all_stores(shop: Shop, store_id: str) -> None:
    branch = goods.open_store(shop, "Souk Baixa")
    goods.receive(shop, branch, {"MUG": 4})
    sales.place(branch, {"MUG": 1})
    levels = shop.get("/staff/stock/MUG", as_=shop.boss).ok()
    assert [levels[name] for name in ("on_hand", "reserved", "available")] == [14, 1, 13]
    assert {one["store_id"]: one["available"] for one in levels["stores"]} == {store_id: 10, branch: 3}


def test_the_list_of_a_store_goes_on_where_the_page_before_ended(shop: Shop, store_id: str) -> None:
    for sku in ("BOWL", "CUP", "PLATE"):
        goods.make_product(shop, sku)
    goods.receive(shop, store_id, {"PLATE": 1, "BOWL": 2, "CUP": 3}, "PO-2")
    first = shop.get("/staff/stock", as_=shop.boss, store_id=store_id, limit=3).ok()
    assert [(one["sku"], one["on_hand"]) for one in first["items"]] == [("BOWL", 2), ("CUP", 3), ("MUG", 10)]
    query = {"store_id": store_id, "cursor": first["next_cursor"]}
    assert [one["sku"] for one in shop.get("/staff/stock", as_=shop.boss, **query).ok()["items"]] == ["PLATE"]
    other = goods.open_store(shop, "Souk Baixa")
    assert shop.get("/staff/stock", as_=shop.boss, **query | {"store_id": other}).status == 400


def test_another_stores_stock_is_missing_like_one_that_never_was(shop: Shop, store_id: str) -> None:
    branch = goods.open_store(shop, "Souk Baixa")
    goods.receive(shop, branch, {"MUG": 4})
    clerk = goods.clerk(branch, may=READS)
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
