"""Goods in and goods out, each as a document that can be voided but never changed."""

from typing import Any

import pytest

from tests.support.market import Market
from tests.support.shop import Answer, Shop
from tests.support.table import before_next_write


@pytest.fixture
def store_id(dynamodb: None, market: Market) -> str:
    """A store that may receive mugs and cups, and has none yet; DynamoDB limits what a document may hold."""
    market.goods({"MUG": 1000, "CUP": 1000})
    return market.store()


def _document(store_id: str, kind: str = "receipt", reference: str = "PO-1", **units: int) -> dict[str, Any]:
    lines = [{"sku": sku, "units": count} for sku, count in units.items()]
    return {"kind": kind, "store_id": store_id, "reference": reference, "lines": lines}


def _post(shop: Shop, document: dict[str, Any]) -> Answer:
    return shop.post("/staff/stock-documents", document, as_=shop.boss)


def _entries(market: Market, sku: str, store_id: str) -> list[tuple[str, int, int]]:
    return [(entry["cause"], entry["delta"], entry["balance"]) for entry in market.entries(sku, store_id)]


@pytest.mark.capability("INV-09")
def test_receipts_and_issues_are_booked_in_the_ledger_and_a_void_reverses_them(
    shop: Shop, market: Market, store_id: str
) -> None:
    _post(shop, _document(store_id, MUG=10, CUP=4)).ok()
    issue = _post(shop, _document(store_id, "issue", "BREAKAGE-1", MUG=3))
    assert (issue.status, issue["status"], issue["units"], issue["by"]) == (201, "posted", {"MUG": 3}, "boss")
    path = f"/staff/stock-documents/{issue['document_id']}"
    voided = shop.post(f"{path}/void", as_=shop.boss).ok()
    assert (voided["status"], voided["voided_by"]) == ("voided", "boss")
    assert shop.get(path, as_=shop.boss).ok() == voided
    assert _entries(market, "MUG", store_id) == [("receipt", 10, 10), ("issue", -3, 7), ("void", 3, 10)]
    assert _entries(market, "CUP", store_id) == [("receipt", 4, 4)]
    assert market.level("MUG", store_id) == (10, 0, 10)


def test_a_document_is_voided_once(shop: Shop, market: Market, store_id: str) -> None:
    document_id = _post(shop, _document(store_id, MUG=10)).ok()["document_id"]
    first, second = (shop.post(f"/staff/stock-documents/{document_id}/void", as_=shop.boss) for _ in range(2))
    assert (first.status, second.status, second["code"]) == (200, 409, "not_in_that_state")
    assert market.level("MUG", store_id) == (0, 0, 0)


def test_a_receipt_whose_goods_are_promised_already_cannot_be_voided(shop: Shop, market: Market, store_id: str) -> None:
    document_id = _post(shop, _document(store_id, MUG=10, CUP=5)).ok()["document_id"]
    market.place({"CUP": 1})
    refused = shop.post(f"/staff/stock-documents/{document_id}/void", as_=shop.boss)
    assert (refused.status, refused["code"], refused["sku"]) == (409, "insufficient_stock", "CUP")
    assert market.level("MUG", store_id) == (10, 0, 10)
    assert shop.get(f"/staff/stock-documents/{document_id}", as_=shop.boss)["status"] == "posted"


def test_what_is_reserved_cannot_be_issued(shop: Shop, market: Market, store_id: str) -> None:
    _post(shop, _document(store_id, MUG=10)).ok()
    market.place({"MUG": 8})
    assert _post(shop, _document(store_id, "issue", "GIFT-1", MUG=3)).status == 409
    assert _post(shop, _document(store_id, "issue", "GIFT-1", MUG=2)).status == 201
    assert market.level("MUG", store_id) == (8, 8, 0)
    assert _post(shop, _document(store_id, "issue", "GIFT-2", CUP=1))["code"] == "not_stocked"


def test_the_same_reference_sent_again_is_the_same_document(shop: Shop, market: Market, store_id: str) -> None:
    first, again = (_post(shop, _document(store_id, MUG=10)) for _ in range(2))
    assert (again.status, again.body) == (201, first.body)
    assert market.level("MUG", store_id) == (10, 0, 10)
    other = _post(shop, _document(store_id, MUG=11))
    assert (other.status, other["code"]) == (409, "reference_used")
    branch = market.store("Souk Baixa")
    assert _post(shop, _document(branch, MUG=11)).status == 201


def test_the_same_sku_in_two_lines_is_summed(shop: Shop, market: Market, store_id: str) -> None:
    twice = _document(store_id, MUG=1)
    assert _post(shop, twice | {"lines": twice["lines"] * 3}).ok()["units"] == {"MUG": 3}
    assert _entries(market, "MUG", store_id) == [("receipt", 3, 3)]


def test_goods_that_the_catalog_does_not_know_are_refused_with_the_whole_document(shop: Shop, store_id: str) -> None:
    refused = _post(shop, _document(store_id, MUG=1, NONSENSE=1))
    assert (refused.status, refused["code"], refused["skus"]) == (422, "unknown_skus", ["NONSENSE"])
    assert shop.rows("Stock") == []


def test_a_document_with_a_wrong_field_is_refused_and_nothing_is_booked(shop: Shop, store_id: str) -> None:
    lines = [
        [],
        [{"sku": "MUG", "units": 0}],
        [{"sku": "MUG", "units": -1}],
        [{"sku": "MUG", "units": True}],
        [{"sku": "MUG", "units": "1"}],
        [{"sku": "MUG", "units": 1_000_001}],
        [{"sku": "mug#1", "units": 1}],
        [{"sku": f"MUG-{n}", "units": 1} for n in range(41)],
        [{"sku": "MUG", "units": 1, "on_hand": 5}],
    ]
    others: tuple[dict[str, Any], ...] = (
        {"kind": "gift"},
        {"reference": "a b"},
        {"reference": ""},
        {"store_id": "a#b"},
        {"on_hand": 5},
    )
    for wrong in (*({"lines": one} for one in lines), *others):
        answer = _post(shop, _document(store_id, MUG=1) | wrong)
        assert (answer.status, answer["code"]) == (422, "not_valid"), wrong
    assert shop.rows("StockEntry") == []


def test_the_largest_document_is_one_transaction(shop: Shop, market: Market, store_id: str) -> None:
    units = {f"MUG-{number}": 1 for number in range(40)}
    options = [
        {
            "code": "size",
            "name": {"en": "Size"},
            "values": [{"code": str(number), "name": {"en": str(number)}} for number in range(40)],
        }
    ]
    category = shop.post("/staff/categories", {"name": {"en": "Mugs"}}, as_=shop.boss).ok()["category_id"]
    skus = [{"sku": sku, "options": {"size": sku.removeprefix("MUG-")}} for sku in units]
    product = {"name": {"en": "Mug"}, "category_id": category, "price_minor": 100, "options": options, "skus": skus}
    shop.post("/staff/products", product, as_=shop.boss).ok()
    market.receive(store_id, units)
    assert len(shop.rows("StockEntry")) == 40


def test_documents_of_a_store_are_listed_newest_first(shop: Shop, store_id: str) -> None:
    for number in (1, 2, 3):
        _post(shop, _document(store_id, reference=f"PO-{number}", MUG=number)).ok()
        shop.pass_time(minutes=1)
    page = shop.get("/staff/stock-documents", as_=shop.boss, store_id=store_id, limit=2).ok()
    assert [card["reference"] for card in page["items"]] == ["PO-3", "PO-2"]
    rest = shop.get("/staff/stock-documents", as_=shop.boss, store_id=store_id, cursor=page["next_cursor"]).ok()
    assert [(card["reference"], card["kind"]) for card in rest["items"]] == [("PO-1", "receipt")]


def test_another_stores_documents_are_missing_and_cannot_be_made(shop: Shop, market: Market, store_id: str) -> None:
    document_id = _post(shop, _document(store_id, MUG=1)).ok()["document_id"]
    clerk = shop.staff("stock.read", "stock.write", stores=(market.store("Souk Baixa"),))
    foreign, absent = (shop.get(f"/staff/stock-documents/{one}", as_=clerk) for one in (document_id, "sdo_0"))
    assert (foreign.status, foreign.body) == (404, absent.body)
    assert shop.post(f"/staff/stock-documents/{document_id}/void", as_=clerk).status == 404
    assert shop.post("/staff/stock-documents", _document(store_id, MUG=1), as_=clerk).status == 404
    assert shop.get("/staff/stock-documents", as_=clerk, store_id=store_id).status == 404
    assert _post(shop, _document("sto_0", MUG=1)).status == 404


def test_a_receipt_between_reading_and_writing_is_not_lost(
    shop: Shop, market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _post(shop, _document(store_id, MUG=10)).ok()
    between = _document(store_id, reference="BETWEEN", MUG=5)
    before_next_write(monkeypatch, lambda: _post(shop, between).ok())
    _post(shop, _document(store_id, "issue", "GIFT-1", MUG=1)).ok()
    assert _entries(market, "MUG", store_id) == [("receipt", 10, 10), ("receipt", 5, 15), ("issue", -1, 14)]
