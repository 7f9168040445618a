"""Putting products on the shelf and taking them off, by hand and by the clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from souk.kernel import clock
from tests.support.market import INES, Market, draft
from tests.support.shop import Shop


def after(shop: Shop, **span: float) -> str:
    return clock.text(shop.clock.at + timedelta(**span))


def plan(shop: Shop, made: dict[str, Any], **span: float) -> Any:
    body = {"list_at": after(shop, **span)}
    answer = shop.put(f"/staff/listings/{made['product_id']}/schedule", body, as_=shop.boss).ok()
    shop.drain()
    return answer


def history(shop: Shop, made: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    page = shop.get(f"/staff/listings/{made['product_id']}/history", as_=shop.boss).ok()
    return [(entry["action"], entry["actor"], entry["reason"]) for entry in page["items"]]


def on_shelf(shop: Shop, made: dict[str, Any]) -> bool:
    page = shop.get(f"/shop/products/{made['product_id']}").status == 200
    line = {"sku": made["skus"][0]["sku"], "quantity": 1}
    buyable = shop.post("/me/cart/lines", line, as_=INES).status == 200
    assert page == buyable
    return page


@pytest.mark.capability("LST-01")
def test_a_listed_product_can_be_bought_and_a_delisted_one_cannot(shop: Shop, market: Market) -> None:
    tea = market.category()
    made = market.product(tea, code="POT")
    path = f"/staff/listings/{made['product_id']}"
    assert not on_shelf(shop, made)
    market.put_on_shelf(made["product_id"])
    assert on_shelf(shop, made)
    assert [one["product_id"] for one in shop.get(f"/shop/categories/{tea}/products")["items"]] == [made["product_id"]]

    off = shop.post(f"{path}/delist", {"reason": "Recall"}, as_=shop.boss).ok()
    assert off["status"] == "delisted"
    assert not on_shelf(shop, made)
    assert shop.get(f"/shop/categories/{tea}/products")["items"] == []
    [line] = shop.get("/me/cart", as_=INES).ok()["lines"]
    assert not line["for_sale"]
    assert shop.facts("ProductDelisted") == [{"product_id": made["product_id"], "reason": "Recall", "by": "boss"}]


@pytest.mark.capability("LST-01")
def test_doing_it_again_changes_nothing(shop: Shop, market: Market) -> None:
    made = market.product(market.category())
    for verb, said in (("list", {}), ("delist", {"reason": "Recall"})):
        path = f"/staff/listings/{made['product_id']}/{verb}"
        first = shop.post(path, said, as_=shop.boss).ok()
        shop.pass_time(minutes=1)
        assert shop.post(path, said, as_=shop.boss).ok() == first
    assert len(history(shop, made)) == 2
    assert len(shop.facts("ProductListed")) == len(shop.facts("ProductDelisted")) == 1


def test_what_has_no_price_or_was_never_listed_is_refused(shop: Shop, market: Market) -> None:
    unpriced = market.product(market.category(), price_minor=None)
    path = f"/staff/listings/{unpriced['product_id']}"
    assert shop.post(f"{path}/list", as_=shop.boss)["code"] == "nothing_to_sell"
    assert shop.put(f"{path}/schedule", {"list_at": after(shop, hours=1)}, as_=shop.boss)["code"] == "nothing_to_sell"
    assert shop.post(f"{path}/delist", {"reason": "x"}, as_=shop.boss)["code"] == "not_in_that_state"
    assert shop.post(f"{path}/delist", {}, as_=shop.boss).status == 422
    assert history(shop, unpriced) == []


@pytest.mark.capability("LST-05")
def test_the_history_tells_in_order_who_did_what_when_and_why(shop: Shop, market: Market) -> None:
    made = market.product(market.category())
    path = f"/staff/listings/{made['product_id']}"
    shop.post(f"{path}/list", {"reason": "Season opens"}, as_=shop.boss).ok()
    shop.pass_time(hours=2)
    shop.post(f"{path}/delist", {"reason": "Recall"}, as_=shop.staff("listing.write")).ok()
    shop.post(f"{path}/list", as_=shop.boss).ok()  # in the same millisecond

    entries = shop.get(f"{path}/history", as_=shop.boss).ok()["items"]
    assert [(entry["action"], entry["actor"], entry["reason"]) for entry in entries] == [
        ("listed", "boss", "Season opens"),
        ("delisted", "clerk", "Recall"),
        ("listed", "boss", None),
    ]
    times = [datetime.fromisoformat(entry["at"]) for entry in entries]
    assert times[1] - times[0] == timedelta(hours=2)

    first = shop.get(f"{path}/history", as_=shop.boss, limit=2).ok()
    second = shop.get(f"{path}/history", as_=shop.boss, limit=2, cursor=first["next_cursor"]).ok()
    assert first["items"] + second["items"] == entries
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        assert shop.call(method, f"{path}/history", {}, as_=shop.boss).status == 405


@pytest.mark.capability("LST-02")
def test_a_planned_product_is_listed_at_its_time_by_the_scheduler_once(shop: Shop, market: Market) -> None:
    made = market.product(market.category(), code="POT")
    planned = plan(shop, made, hours=3)
    assert planned["list_at"] == "2026-11-02T12:00:00Z"
    shop.pass_time(hours=3, seconds=-1)
    assert not on_shelf(shop, made)
    shop.pass_time(seconds=60)
    assert on_shelf(shop, made)
    shop.invoke("ApplyListing", {"product_id": made["product_id"]})
    assert history(shop, made) == [("planned", "boss", None), ("listed", "scheduler", None)]
    assert shop.get(f"/staff/listings/{made['product_id']}", as_=shop.boss).ok() == planned | {
        "status": "listed",
        "list_at": None,
        "listed_at": "2026-11-02T12:00:00Z",
    }


@pytest.mark.capability("LST-02")
def test_a_cancelled_plan_does_nothing(shop: Shop, market: Market) -> None:
    made = market.product(market.category(), code="POT")
    plan(shop, made, hours=3)
    path = f"/staff/listings/{made['product_id']}/schedule"
    cancelled = shop.delete(path, as_=shop.boss).ok()
    assert shop.delete(path, as_=shop.boss).ok() == cancelled
    shop.drain(times=2)
    assert shop.timers() == []
    shop.pass_time(hours=4)
    shop.invoke("ApplyListing", {"product_id": made["product_id"]})
    assert not on_shelf(shop, made)
    assert history(shop, made) == [("planned", "boss", None), ("unplanned", "boss", None)]


@pytest.mark.capability("LST-02")
def test_another_plan_takes_the_place_of_the_first(shop: Shop, market: Market) -> None:
    made = market.product(market.category(), code="POT")
    plan(shop, made, hours=1)
    plan(shop, made, hours=5)
    plan(shop, made, hours=5)
    shop.pass_time(hours=2)
    shop.invoke("ApplyListing", {"product_id": made["product_id"]})  # a timer that comes early
    assert not on_shelf(shop, made)
    shop.pass_time(hours=3)
    assert on_shelf(shop, made)
    assert [action for action, _, _ in history(shop, made)] == ["planned", "planned", "listed"]


def test_what_happened_before_the_time_decides(shop: Shop, market: Market) -> None:
    tea = market.category()
    by_hand, deleted, unpriced = (market.product(tea) for _ in range(3))
    for made in (by_hand, deleted, unpriced):
        plan(shop, made, hours=1)
    market.put_on_shelf(by_hand["product_id"])
    shop.delete(f"/staff/products/{deleted['product_id']}", as_=shop.boss).ok()
    sku = unpriced["skus"][0]["sku"]
    shop.call(
        "PATCH",
        f"/staff/products/{unpriced['product_id']}/skus/{sku}",
        {"version": 1, "price_minor": None},
        as_=shop.boss,
    ).ok()
    shop.pass_time(hours=2)
    assert history(shop, by_hand)[1:] == [("listed", "boss", None)]
    assert history(shop, deleted)[1:] == [("deleted", "boss", None)]
    assert history(shop, unpriced)[1:] == [("not_listed", "scheduler", "No SKU of the product has a price")]
    assert [on_shelf(shop, made) for made in (by_hand, deleted, unpriced)] == [True, False, False]


def test_a_plan_is_for_a_time_to_come_and_for_what_is_not_listed(shop: Shop, market: Market) -> None:
    made = market.listed(market.category())
    path = f"/staff/listings/{made['product_id']}/schedule"
    assert shop.put(path, {"list_at": after(shop, hours=1)}, as_=shop.boss)["code"] == "not_in_that_state"
    for wrong in (after(shop), after(shop, days=400), "2026-11-03T10:00:00", "soon", 1):
        assert shop.put(path, {"list_at": wrong}, as_=shop.boss).status == 422
    assert shop.timers() == []


def test_listing_needs_its_own_permission(shop: Shop, market: Market) -> None:
    made = shop.post("/staff/products", draft(market.category()), as_=shop.boss).ok()
    editor = shop.staff("catalog.read", "catalog.write")
    manager = shop.staff("listing.write", stores=("sto_1",))
    path = f"/staff/listings/{made['product_id']}"
    assert shop.post(f"{path}/list", as_=editor).status == 403
    assert shop.post(f"{path}/list", as_=manager).status == 404
    assert shop.get(path, as_=editor).ok()["status"] == "draft"
