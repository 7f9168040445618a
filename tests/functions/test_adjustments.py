"""Stock is put right by hand, with a reason, and what that means for the orders that were promised the goods."""

from typing import Any

import pytest

from tests.support.market import OTTO, Market
from tests.support.shop import Answer, Shop
from tests.support.table import before_next_write


@pytest.fixture
def store_id(market: Market) -> str:
    """A store with ten mugs."""
    store_id = market.store()
    market.goods({"MUG": 1000}, {store_id: 10})
    return store_id


def _adjust(shop: Shop, store_id: str, delta: int, as_: Any = None, sku: str = "MUG", **more: Any) -> Answer:
    said = {"store_id": store_id, "reference": f"ADJ-{shop.next_number()}", "reason": "damaged"}
    lines = [{"sku": sku, "delta": delta}]
    return shop.post("/staff/stock-documents/adjustments", said | {"lines": lines} | more, as_=as_ or shop.boss)


@pytest.mark.capability("INV-10")
@pytest.mark.capability("STO-07")
def test_an_adjustment_with_its_reason_is_in_the_ledger_and_can_be_voided(
    shop: Shop, market: Market, store_id: str
) -> None:
    clerk = shop.staff("stock.read", "stock.write", stores=(store_id,))
    broken = _adjust(shop, store_id, -3, clerk, note="A shelf gave way").ok()
    assert (broken["kind"], broken["reason"], broken["units"]) == ("adjustment", "damaged", {"MUG": -3})
    _adjust(shop, store_id, 1, clerk, reason="found").ok()
    assert market.level("MUG", store_id) == (8, 0, 8)
    shop.post(f"/staff/stock-documents/{broken['document_id']}/void", as_=clerk).ok()
    moves = [("adjustment", -3, 7, "clerk"), ("adjustment", 1, 8, "clerk"), ("void", 3, 11, "clerk")]
    entries = [(one["cause"], one["delta"], one["balance"], one["actor"]) for one in market.entries("MUG", store_id)]
    assert entries == [("receipt", 10, 10, "boss"), *moves]
    cards = shop.get("/staff/stock-documents", as_=clerk, store_id=store_id).ok()["items"]
    assert sorted(card["kind"] for card in cards) == ["adjustment", "adjustment", "receipt"]


@pytest.mark.capability("INV-10")
def test_what_is_promised_is_taken_away_only_by_force_and_only_by_who_may(
    shop: Shop, market: Market, store_id: str
) -> None:
    market.place({"MUG": 8})
    with shop.unchanged():
        refused = _adjust(shop, store_id, -3)
        assert (refused.status, refused["code"], refused["available"]) == (409, "insufficient_stock", 2)
        clerk = shop.staff("stock.write")
        forbidden = _adjust(shop, store_id, -3, clerk, force=True)
        assert (forbidden.status, forbidden["permission"]) == (403, "stock.force")
        gone = _adjust(shop, store_id, -11, force=True)
        assert (gone.status, gone["code"]) == (409, "insufficient_stock")
    assert _adjust(shop, store_id, -2).status == 201
    assert market.level("MUG", store_id) == (8, 8, 0)
    assert shop.facts("StockShort") == []
    document = _adjust(shop, store_id, -3, force=True).ok()
    assert market.level("MUG", store_id) == (5, 8, -3)
    (short,) = shop.facts("StockShort")
    expected = {"store_id": store_id, "cause": "adjustment", "reference": document["document_id"]}
    assert short == expected | {"short": {"MUG": 3}}


@pytest.mark.capability("INV-10")
def test_a_store_that_is_short_names_its_orders_sells_no_more_and_ships_what_it_has(
    shop: Shop, market: Market, store_id: str
) -> None:
    market.goods({"CUP": 1000}, {store_id: 10})
    held = [market.laid_out({"MUG": 4}), market.laid_out({"MUG": 4, "CUP": 1}, by=OTTO)]
    unpaid, _ = market.place({"MUG": 1}), market.place({"CUP": 1})
    _adjust(shop, store_id, -5, force=True).ok()
    path = f"/staff/stock/MUG/{store_id}/orders"
    holders = shop.get(path, as_=shop.boss).ok()["items"]
    assert {one["order_id"]: one["units"] for one in holders} == {held[0]: 4, held[1]: 4, unpaid: 1}
    assert shop.get(path, as_=shop.staff("stock.read", stores=(market.store("Souk Baixa"),))).status == 404
    assert market.quote({"MUG": 1})["code"] == "insufficient_stock"
    market.ship(held[0]).ok()
    refused = market.ship(held[1])
    assert (refused.status, refused["code"], refused["available"]) == (409, "insufficient_stock", 1)
    assert market.level("MUG", store_id) == (1, 5, -4)
    market.cancel(unpaid).ok()
    _adjust(shop, store_id, 3, reason="found").ok()
    assert market.level("MUG", store_id) == (4, 4, 0)
    market.ship(held[1]).ok()
    assert market.level("MUG", store_id) == (0, 0, 0)


def test_what_one_store_is_short_of_takes_nothing_from_the_others(shop: Shop, market: Market, store_id: str) -> None:
    branch, product_id = market.store("Souk Baixa", rank=1), shop.rows("Stock")[0]["product_id"]
    market.place({"MUG": 10})
    market.receive(branch, {"MUG": 4})
    _adjust(shop, store_id, -6, force=True).ok()
    shop.drain()
    (sku,) = shop.get(f"/shop/products/{product_id}").ok()["skus"]
    assert sku["available"] == 4
    assert market.place({"MUG": 4})


def test_the_same_reference_sent_again_adjusts_once(shop: Shop, market: Market, store_id: str) -> None:
    first, again = (_adjust(shop, store_id, -1, reference="ADJ") for _ in range(2))
    assert (again.status, again.body) == (201, first.body)
    assert market.level("MUG", store_id) == (9, 0, 9)
    assert _adjust(shop, store_id, -1, reference="ADJ", reason="lost")["code"] == "reference_used"


def test_an_order_that_comes_between_makes_the_store_no_shorter_than_is_told(
    shop: Shop, market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.place({"MUG": 7})
    before_next_write(monkeypatch, lambda: market.place({"MUG": 2}, by=OTTO))
    _adjust(shop, store_id, -4, force=True).ok()
    assert market.level("MUG", store_id) == (6, 9, -3)
    assert [fact["short"] for fact in shop.facts("StockShort")] == [{"MUG": 3}]


def test_wrong_adjustments_are_refused_and_foreign_stores_missing(shop: Shop, market: Market, store_id: str) -> None:
    clerk = shop.staff("stock.write", stores=(market.store("Souk Baixa"),))
    with shop.unchanged():
        assert _adjust(shop, store_id, 1, clerk).status == 404
        assert _adjust(shop, store_id, 1, sku="NONSENSE")["code"] == "unknown_skus"
        wrongs: tuple[dict[str, Any], ...] = (
            {"reason": "whim"},
            {"lines": []},
            {"force": 1},
            {"lines": [{"sku": "MUG", "delta": True}]},
        )
        for wrong in wrongs:
            assert _adjust(shop, store_id, 1, **wrong).status == 422, wrong
