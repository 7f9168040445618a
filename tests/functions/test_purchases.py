"""Replenishment: what is proposed, what is ordered of it, and what arrives."""

from typing import Any

import pytest

from tests.support.market import Market
from tests.support.shop import Answer, Shop
from tests.support.table import before_next_write


@pytest.fixture
def store_id(market: Market) -> str:
    """A store with ten mugs and ten cups; of mugs there shall be thirty as soon as there are twelve or less."""
    store_id = market.store()
    market.goods({"MUG": 1000, "CUP": 1000}, {store_id: 10})
    _levels(market.shop, store_id, reorder_point=12, target=30).ok()
    return store_id


def _levels(shop: Shop, store_id: str, sku: str = "MUG", version: int = 0, **levels: int) -> Answer:
    edit = {"threshold": None, "version": version, **levels}
    return shop.put(f"/staff/stock/{sku}/{store_id}", edit, as_=shop.boss)


def _proposals(shop: Shop, store_id: str) -> dict[str, int]:
    found = shop.get("/staff/purchases/proposals", as_=shop.boss, store_id=store_id).ok()["items"]
    return {one["sku"]: one["proposed"] for one in found}


def _approve(shop: Shop, store_id: str, reference: str = "PO-1", as_: Any = None, **units: int) -> Answer:
    said = {"store_id": store_id, "reference": reference, "supplier": "Kilns & Sons", "due": "2026-11-20"}
    lines = [{"sku": sku, "units": count} for sku, count in units.items()]
    return shop.post("/staff/purchases", said | {"lines": lines}, as_=as_ or shop.boss)


def _receive(shop: Shop, purchase: Any, reference: str = "D-1", as_: Any = None, **units: int) -> Answer:
    lines = [{"sku": sku, "units": count} for sku, count in units.items()]
    path = f"/staff/purchases/{purchase['purchase_id']}/receive"
    return shop.post(path, {"reference": reference, "lines": lines}, as_=as_ or shop.boss)


@pytest.mark.capability("INV-12")
def test_what_is_proposed_is_approved_told_received_and_closed(shop: Shop, market: Market, store_id: str) -> None:
    market.place({"MUG": 2})
    assert _proposals(shop, store_id) == {"MUG": 30 - 8}
    purchase = _approve(shop, store_id, MUG=22).ok()
    assert (purchase["status"], purchase["outstanding"]) == ("pending", {"MUG": 22})
    (fact,) = shop.facts("PurchaseApproved")
    assert (fact["purchase_id"], fact["supplier"], fact["units"]) == (
        purchase["purchase_id"],
        "Kilns & Sons",
        {"MUG": 22},
    )
    assert _proposals(shop, store_id) == {}
    partial = _receive(shop, purchase, MUG=20).ok()
    assert (partial["status"], market.level("MUG", store_id)) == ("partial", (30, 2, 28))
    assert _proposals(shop, store_id) == {}
    closed = _receive(shop, purchase, "D-2", MUG=2).ok()
    assert (closed["status"], market.level("MUG", store_id)) == ("posted", (32, 2, 30))
    told = [(one["cause"], one["delta"], one["reference"]) for one in market.entries("MUG", store_id)[1:]]
    assert told == [("purchase", 20, purchase["purchase_id"]), ("purchase", 2, purchase["purchase_id"])]


@pytest.mark.capability("INV-12")
def test_the_proposal_is_the_target_less_what_is_available_and_what_is_coming_once_it_is_due(
    shop: Shop, market: Market, store_id: str
) -> None:
    warehouse = market.store("Warehouse", serves=["DE"])
    market.receive(warehouse, {"MUG": 9})
    said = {"from_store_id": warehouse, "store_id": store_id, "reference": "T", "due": "2026-11-05"}
    shop.post("/staff/transfers", said | {"lines": [{"sku": "MUG", "units": 2}]}, as_=shop.boss).ok()
    proposal = shop.get("/staff/purchases/proposals", as_=shop.boss, store_id=store_id).ok()["items"]
    assert [(one["available"], one["incoming"], one["target"], one["proposed"]) for one in proposal] == [
        (10, 2, 30, 18)
    ]
    _approve(shop, store_id, MUG=1).ok()
    assert _proposals(shop, store_id) == {}
    _levels(shop, store_id, "CUP", target=11).ok()
    assert _proposals(shop, store_id) == {"CUP": 1}
    refused = _levels(shop, store_id, "CUP", version=1, reorder_point=12, target=11)
    assert refused.status == 422
    assert _levels(shop, store_id, "CUP", version=1, reorder_point=12).status == 422


@pytest.mark.capability("INV-12")
def test_more_than_was_ordered_is_refused_and_what_is_left_can_be_cancelled(
    shop: Shop, market: Market, store_id: str
) -> None:
    purchase = _approve(shop, store_id, MUG=5, CUP=1).ok()
    _receive(shop, purchase, MUG=3).ok()
    with shop.unchanged():
        over = _receive(shop, purchase, "D-2", MUG=3)
        assert (over.status, over["code"], over["outstanding"]) == (409, "more_than_expected", 2)
    cancelled = shop.post(f"/staff/purchases/{purchase['purchase_id']}/cancel", as_=shop.boss).ok()
    assert (cancelled["status"], cancelled["outstanding"]) == ("posted", {})
    with shop.unchanged():
        assert shop.post(f"/staff/purchases/{purchase['purchase_id']}/cancel", as_=shop.boss).status == 409
        assert _receive(shop, purchase, "D-2", MUG=1)["code"] == "not_in_that_state"
    assert market.level("MUG", store_id) == (13, 0, 13)
    assert [row["incoming"] for row in shop.rows("Stock")] == [0, 0]
    unwanted = _approve(shop, store_id, "PO-2", MUG=5).ok()
    assert shop.post(f"/staff/purchases/{unwanted['purchase_id']}/cancel", as_=shop.boss)["status"] == "voided"


def test_a_command_sent_again_orders_and_receives_once(shop: Shop, market: Market, store_id: str) -> None:
    first, again = (_approve(shop, store_id, MUG=5).ok() for _ in range(2))
    assert first == again and len(shop.facts("PurchaseApproved")) == 1
    assert _approve(shop, store_id, MUG=6)["code"] == "reference_used"
    received = [_receive(shop, first, MUG=3).ok() for _ in range(2)]
    assert received[0] == received[1]
    assert _receive(shop, first, MUG=2)["code"] == "reference_used"
    assert market.level("MUG", store_id) == (13, 0, 13)


def test_goods_the_store_never_had_are_ordered_and_unknown_ones_are_not(
    shop: Shop, market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.goods({"JUG": 1000})
    assert _approve(shop, store_id, NONSENSE=1)["code"] == "unknown_skus"
    before_next_write(monkeypatch, lambda: market.receive(store_id, {"JUG": 1}))
    purchase = _approve(shop, store_id, JUG=5).ok()
    assert (market.level("JUG", store_id), _incoming(shop, "JUG")) == ((1, 0, 1), 5)
    _receive(shop, purchase, JUG=5).ok()
    assert (market.level("JUG", store_id), _incoming(shop, "JUG")) == ((6, 0, 6), 0)


def _incoming(shop: Shop, sku: str) -> int:
    return next(int(row["incoming"]) for row in shop.rows("Stock") if row["sku"] == sku)


@pytest.mark.capability("STO-07")
def test_buying_takes_its_own_permission_and_another_stores_purchases_are_missing(
    shop: Shop, market: Market, store_id: str
) -> None:
    clerk = shop.staff("stock.read", "stock.write", stores=(store_id,))
    assert _approve(shop, store_id, as_=clerk, MUG=5).status == 403
    manager = shop.staff("stock.read", "stock.write", "stock.purchase", stores=(store_id,))
    purchase = _approve(shop, store_id, as_=manager, MUG=5).ok()
    stranger = shop.staff("stock.read", "stock.write", "stock.purchase", stores=(market.store("Souk Baixa"),))
    path = f"/staff/purchases/{purchase['purchase_id']}"
    with shop.unchanged():
        assert shop.get(path, as_=stranger).body == shop.get("/staff/purchases/pur_0", as_=stranger).body
        assert _receive(shop, purchase, as_=stranger, MUG=1).status == 404
        assert shop.post(f"{path}/cancel", as_=stranger).status == 404
        assert _approve(shop, store_id, "PO-2", as_=stranger, MUG=5).status == 404
        for path in ("/staff/purchases", "/staff/purchases/proposals"):
            assert shop.get(path, as_=stranger, store_id=store_id).status == 404
    assert _receive(shop, purchase, as_=clerk, MUG=5).ok()["status"] == "posted"
    listed = shop.get("/staff/purchases", as_=clerk, store_id=store_id, status="posted").ok()["items"]
    assert [one["purchase_id"] for one in listed] == [purchase["purchase_id"]]
