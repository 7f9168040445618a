"""Slow-moving stock: what a store does not sell is found, and offered for less in one call."""

from typing import Any

import pytest

from tests.support import sales
from tests.support.market import OTTO, Market
from tests.support.shop import Answer
from tests.support.table import before_next_write


@pytest.fixture
def store_id(market: Market) -> str:
    """A store with five SKUs, of which TEA was sold today and CUP ten days ago."""
    made = market.store()
    market.goods({"CUP": 900, "JAR": 700, "LID": 300, "POT": 5900, "TEA": 500}, {made: 8})
    market.receive(made, {"LID": 40})
    market.buy({"CUP": 1})
    market.shop.pass_time(days=10)
    market.buy({"TEA": 1})
    return made


def slow(market: Market, store_id: str, **asked: Any) -> list[str]:
    """SKUs of all pages."""
    found: list[str] = []
    while True:
        page = market.shop.get("/staff/clearance", as_=market.shop.boss, store_id=store_id, **asked).ok()
        found += [one["sku"] for one in page["items"]]
        if page["next_cursor"] is None:
            return found
        asked["cursor"] = page["next_cursor"]


def clear(market: Market, store_id: str, *skus: str, reference: str = "OUT", **more: Any) -> Answer:
    said = {"store_id": store_id, "reference": reference, "skus": skus, "discount_basis_points": 3000}
    said |= {"ends_at": sales.after(market, 48)}
    return market.shop.post("/staff/clearance", said | more, as_=market.shop.boss)


@pytest.mark.capability("INV-11")
def test_slow_is_what_was_not_sold_for_so_many_days_and_lies_there_in_numbers(market: Market, store_id: str) -> None:
    assert slow(market, store_id, days=10) == ["CUP", "JAR", "LID", "POT"]
    assert slow(market, store_id, days=11) == ["JAR", "LID", "POT"]
    assert slow(market, store_id, days=10, above=8) == ["LID"]
    assert slow(market, store_id, days=10, above=48) == []
    assert slow(market, store_id, days=10, limit=1) == ["CUP", "JAR", "LID", "POT"], "pages may be empty"
    assert slow(market, market.store("Souk Baixa"), days=10) == []


def test_a_sale_that_another_store_took_over_is_not_this_stores(market: Market, store_id: str) -> None:
    other = market.store("Souk Baixa")
    market.receive(other, {"POT": 2})
    order_id = market.paid({"POT": 1})
    assert slow(market, store_id, days=10) == ["CUP", "JAR", "LID", "POT"]
    market.shop.drain()
    assert slow(market, store_id, days=10) == ["CUP", "JAR", "LID"]
    said = {"store_id": other, "reason": "nearer"}
    market.shop.post(f"/staff/handling/{order_id}/assign", said, as_=market.shop.boss).ok()
    market.shop.drain()
    assert slow(market, store_id, days=10) == ["CUP", "JAR", "LID", "POT"]


@pytest.mark.capability("INV-11")
def test_one_call_puts_all_that_is_available_of_the_chosen_ones_on_sale(market: Market, store_id: str) -> None:
    outcomes = clear(market, store_id, "POT", "LID", "GHOST").ok()["sales"]
    assert [(one["sku"], one["status"], one["price_minor"], one["units"], one["code"]) for one in outcomes] == [
        ("POT", "running", 4130, 8, None),
        ("LID", "running", 210, 48, None),
        ("GHOST", None, None, None, "unknown_skus"),
    ]
    assert market.level("LID", store_id) == (48, 48, 0)
    order = sales.buy(market, outcomes[1]["sale_id"], 3, by=OTTO).ok()["order"]
    assert order["goods_minor"] == 630
    market.shop.drain()
    market.shop.pass_time(hours=49)
    assert market.level("LID", store_id) == (48, 0, 48)


def test_of_more_than_one_sale_may_be_of_as_much_as_that_is_offered(market: Market, store_id: str) -> None:
    for _ in range(11):
        market.receive(store_id, {"POT": 1_000_000})
    assert clear(market, store_id, "POT").ok()["sales"][0]["units"] == 10_000_000


def test_what_the_store_does_not_keep_is_not_cleared(market: Market, store_id: str) -> None:
    assert clear(market, market.store("Souk Baixa"), "POT").ok()["sales"][0]["code"] == "not_stocked"


def test_the_same_call_sent_again_makes_no_other_sales_and_finishes_what_broke_off(
    market: Market, store_id: str
) -> None:
    first = clear(market, store_id, "POT").ok()
    assert clear(market, store_id, "POT", "POT").ok() == first
    both = clear(market, store_id, "POT", "JAR").ok()["sales"]
    assert both[0] == first["sales"][0] and both[1]["status"] == "running"
    assert clear(market, store_id, "POT", reference="AGAIN").ok()["sales"][0]["code"] == "insufficient_stock"


def test_the_same_call_twice_at_once_is_one_sale_to_both(
    market: Market, store_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Answer] = []
    ends = sales.after(market, 48)

    def click() -> None:
        market.shop.pass_time(seconds=1)
        first.append(clear(market, store_id, "POT", ends_at=ends))

    before_next_write(monkeypatch, click)
    second = clear(market, store_id, "POT", ends_at=ends).ok()
    assert second == first[0].ok() and second["sales"][0]["status"] == "running"
    assert market.level("POT", store_id) == (8, 8, 0)


def test_a_clearance_that_ends_before_it_begins_is_refused(market: Market, store_id: str) -> None:
    answer = clear(market, store_id, "POT", starts_at=sales.after(market, 49))
    assert (answer.status, answer["code"]) == (422, "wrong_times")
    late = clear(market, store_id, "POT", ends_at=sales.after(market, 24 * 400)).ok()["sales"][0]
    assert late["code"] == "wrong_times"
