"""Putting products on the shelf and taking them off, by hand and by the clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from souk.kernel import clock
from tests.support.market import INES, Market, draft
from tests.support.shop import Shop
from tests.support.table import before_next_write


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


class Clockwork:
    """One product with a unit in stock, and every place where a buyer would meet it."""

    def __init__(self, shop: Shop, market: Market) -> None:
        self.shop, self.market = shop, market
        self.tea = market.category()
        self.made = market.product(self.tea, code="POT")
        market.receive(market.store(), {"POT": 9})
        self.path = f"/staff/listings/{self.made['product_id']}"

    def plan(self, **window: Any) -> Any:
        return self.shop.put(f"{self.path}/schedule", window, as_=self.shop.boss)

    def on_sale(self) -> bool:
        """As the list, the product page, the cart, a quote and a checkout say: all of them the same."""
        cards = self.shop.get(f"/shop/categories/{self.tea}/products").ok()["items"]
        page = self.shop.get(f"/shop/products/{self.made['product_id']}")
        cart = self.shop.post("/me/cart/lines", {"sku": "POT", "quantity": 1}, as_=INES)
        quote = self.market.quote({"POT": 1})
        order = self.market.checkout({"POT": 1}, quote_id=quote.body.get("quote_id") or "0" * 32)
        said = {len(cards) == 1, page.status == 200, cart.status == 200, quote.status == 200, order.status == 201}
        assert len(said) == 1, said
        return said.pop()


@pytest.fixture
def clockwork(shop: Shop, market: Market) -> Clockwork:
    return Clockwork(shop, market)


@pytest.mark.capability("LST-03")
@pytest.mark.parametrize("timers_come", [True, False])
def test_within_its_window_a_product_is_on_sale_and_never_outside_whether_or_not_a_timer_comes(
    shop: Shop, clockwork: Clockwork, timers_come: bool
) -> None:
    begins, ends = shop.clock.at + timedelta(hours=1), shop.clock.at + timedelta(hours=3)
    planned = clockwork.plan(list_at=clock.text(begins), delist_at=clock.text(ends)).ok()
    assert (planned["list_at"], planned["delist_at"]) == ("2026-11-02T10:00:00Z", "2026-11-02T12:00:00Z")
    if timers_come:
        shop.drain()
    for at, inside in (
        (begins - timedelta(milliseconds=1), False),
        (begins, True),
        (ends - timedelta(milliseconds=1), True),
        (ends, False),
        (ends + timedelta(days=1), False),
    ):
        shop.pass_time(seconds=(at - shop.clock.at).total_seconds())
        assert (at, clockwork.on_sale()) == (at, inside)
    shop.invoke("ApplyListing", {"product_id": clockwork.made["product_id"]})
    assert history(shop, clockwork.made) == [
        ("planned", "boss", None),
        ("listed", "scheduler", None),
        ("delisted", "scheduler", "its time is over"),
    ]
    assert shop.get(clockwork.path, as_=shop.boss).ok()["status"] == "delisted"
    assert [fact["by"] for fact in shop.facts("ProductDelisted")] == ["scheduler"]


@pytest.mark.capability("LST-03")
def test_an_order_that_is_not_paid_when_the_window_ends_can_be_paid_after_it(
    shop: Shop, market: Market, clockwork: Clockwork
) -> None:
    clockwork.plan(list_at=after(shop, minutes=1), delist_at=after(shop, minutes=10)).ok()
    shop.drain()
    shop.pass_time(minutes=9)
    quote_id = market.quote({"POT": 1}).ok()["quote_id"]
    placed = market.checkout({"POT": 1}, key="once", quote_id=quote_id)
    shop.pass_time(minutes=2)
    assert not clockwork.on_sale()
    assert market.checkout({"POT": 1}, key="once", quote_id=quote_id).ok()["order"] == placed.ok()["order"]
    market.pay(placed)
    market.hear()
    assert market.order(placed["order"]["order_id"])["status"] == "paid"


@pytest.mark.capability("LST-03")
def test_an_end_is_planned_moved_and_cancelled_while_the_product_is_on_sale(shop: Shop, clockwork: Clockwork) -> None:
    market = clockwork.market
    assert clockwork.plan(delist_at=after(shop, hours=1))["code"] == "not_in_that_state"
    market.put_on_shelf(clockwork.made["product_id"])
    clockwork.plan(delist_at=after(shop, hours=1)).ok()
    clockwork.plan(delist_at=after(shop, hours=2)).ok()
    shop.drain(times=2)
    shop.pass_time(hours=1)
    assert clockwork.on_sale()
    shop.delete(f"{clockwork.path}/schedule", as_=shop.boss).ok()
    shop.drain()
    assert not any("list" in name for _, name, *_ in shop.timers())
    shop.pass_time(hours=2)
    assert clockwork.on_sale()


@pytest.mark.capability("LST-03")
def test_what_staff_do_after_the_end_begins_where_the_clock_has_left_it(shop: Shop, clockwork: Clockwork) -> None:
    clockwork.plan(list_at=after(shop, hours=1), delist_at=after(shop, hours=2)).ok()
    shop.clock.at += timedelta(hours=3)  # no timer has come
    clockwork.market.put_on_shelf(clockwork.made["product_id"])
    assert clockwork.on_sale()
    assert [action for action, _, _ in history(shop, clockwork.made)] == ["planned", "listed", "delisted", "listed"]


def test_a_window_that_ends_before_it_begins_or_says_nothing_is_refused(shop: Shop, clockwork: Clockwork) -> None:
    soon, later = after(shop, hours=1), after(shop, hours=2)
    for wrong in ({}, {"list_at": later, "delist_at": soon}, {"list_at": soon, "delist_at": soon}, {"delist_at": "x"}):
        assert clockwork.plan(**wrong).status == 422
    assert clockwork.plan(list_at=soon, delist_at=after(shop, days=400))["code"] == "not_in_the_future"
    assert history(shop, clockwork.made) == []


def delist_all(shop: Shop, ids: list[str], reason: str = "Recall") -> Any:
    return shop.post("/staff/listings/delist", {"product_ids": ids, "reason": reason}, as_=shop.boss)


@pytest.mark.capability("LST-04")
def test_a_hundred_products_are_off_the_shelf_when_the_call_returns(shop: Shop, market: Market) -> None:
    tea = market.category()
    ids = [market.listed(tea, f"Pot {n}")["product_id"] for n in range(98)]
    planned, draft_only = market.product(tea), market.product(tea)
    plan(shop, planned, hours=1)
    wanted = [*ids, planned["product_id"], draft_only["product_id"]]
    first = delist_all(shop, [*wanted[:-1], "prd_none"]).ok()
    assert (first["delisted"], first["refused"]) == (99, 1)
    assert {one["product_id"]: one["status"] for one in first["products"]} == (
        dict.fromkeys(ids, "delisted") | {planned["product_id"]: "draft", "prd_none": None}
    )
    assert first["products"][-1]["code"] == "no_such_product"
    assert shop.get(f"/shop/categories/{tea}/products").ok()["items"] == []
    assert history(shop, {"product_id": ids[0]})[-1] == ("delisted", "boss", "Recall")

    shop.pass_time(hours=2)
    assert shop.get(f"/shop/products/{planned['product_id']}").status == 404, "it does not come by itself"
    assert delist_all(shop, wanted).ok()["products"][-1]["code"] == "not_in_that_state"
    assert {len(history(shop, {"product_id": one})) for one in ids} == {2}, "a second call changes nothing"


@pytest.mark.capability("LST-04")
def test_a_bulk_delisting_that_broke_off_is_finished_by_the_same_call(
    shop: Shop, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    tea = market.category()
    ids = [market.listed(tea, f"Pot {n}")["product_id"] for n in range(3)]

    def stop() -> None:
        raise RuntimeError("the function ended")

    before_next_write(monkeypatch, lambda: before_next_write(monkeypatch, stop))
    assert delist_all(shop, ids).status == 500
    assert len(shop.get(f"/shop/categories/{tea}/products").ok()["items"]) == 2
    assert delist_all(shop, ids).ok()["delisted"] == 3
    assert shop.get(f"/shop/categories/{tea}/products").ok()["items"] == []
    assert [len(history(shop, {"product_id": one})) for one in ids] == [2, 2, 2]


def test_too_many_products_none_at_all_and_no_reason_are_refused(shop: Shop) -> None:
    assert delist_all(shop, [f"prd_{n}" for n in range(101)]).status == 422
    assert delist_all(shop, []).status == 422
    assert shop.post("/staff/listings/delist", {"product_ids": ["prd_1"]}, as_=shop.boss).status == 422
    bound = shop.staff("listing.write", stores=("sto_1",))
    body = {"product_ids": ["prd_1"], "reason": "x"}
    assert shop.post("/staff/listings/delist", body, as_=bound).status == 404
