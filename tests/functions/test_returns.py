"""Goods that are brought back to any store: they lie where they came back, and money goes back the way it came."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from souk.kernel import money
from souk.kernel.caller import Caller
from tests.support.market import INES, Market
from tests.support.shop import Answer, opened
from tests.support.stripe import running
from tests.support.table import before_next_write

PRICES = {"TEA": 500, "CUP": 999}
TAX = 2300


class Stores:
    """Two stores of a shop that adds tax: one sells online and at its till, the other takes back."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.shop.keep_in_memory()
        self.seller, self.taker = market.store("Souk 1", pickup=True), market.store("Souk 2", rank=900)
        market.goods(PRICES, {self.seller: 20})
        market.set_up(tax_basis_points=TAX)
        self.clerk = Caller(id="clerk", kind="staff", may=frozenset({"returns.write"}), stores=frozenset({self.taker}))
        self.shop.drain()

    def fetched(self, **units: int) -> str:
        """Bought online, fetched in the store that sold it."""
        order_id = self.market.pickup(units, self.seller)
        self.shop.post(f"/staff/pickups/{order_id}/ready", as_=self.shop.boss).ok()
        code = self.shop.get(f"/me/orders/{order_id}", as_=INES).ok()["pickup"]["code"]
        handed = {"store_id": self.seller, "code": code}
        self.shop.post(f"/staff/pickups/{order_id}/hand-out", handed, as_=self.shop.boss).ok()
        self.shop.drain()
        return order_id

    def sold(self, **units: int) -> str:
        """At the till, for cash."""
        goods = sum(PRICES[sku] * quantity for sku, quantity in units.items())
        sale = {
            "store_id": self.seller,
            "sale_id": f"S-{self.shop.next_number()}",
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()],
            "total_minor": goods + money.fraction(goods, TAX),
            "paid_by": "cash",
        }
        answer = self.shop.post("/staff/sales", sale, as_=self.shop.boss).ok()
        self.shop.drain()
        return str(answer["order_id"])

    def bring(self, order_id: str | None, by: Caller | None = None, **more: Any) -> Answer:
        units = more.pop("units", {"TEA": 1})
        brought = {
            "return_id": f"R-{self.shop.next_number()}",
            "store_id": self.taker,
            "order_id": order_id,
            "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()],
            "condition": "restock",
            **more,
        }
        answer = self.shop.post("/staff/returns", brought, as_=by or self.clerk)
        self.shop.drain()
        return answer

    def net(self, store_id: str) -> tuple[int, int]:
        """Sold and refunded of a store, as its report says."""
        days = {"from": "2026-11-01", "to": "2026-11-30"}
        report = self.shop.get("/staff/reports/sales", as_=self.shop.boss, store_id=store_id, **days).ok()["total"]
        return report["total_minor"], report["refunded_minor"]


@pytest.fixture
def stores(market: Market) -> Stores:
    return Stores(market)


def said(answer: Answer) -> tuple[int, Any]:
    return answer.status, (answer.body or {}).get("code")


@pytest.mark.capability("STO-15")
def test_bought_online_fetched_in_one_store_and_brought_back_to_another(stores: Stores) -> None:
    order_id = stores.fetched(TEA=3)
    returned = stores.bring(order_id, units={"TEA": 2}).ok()
    assert (returned["status"], returned["amount_minor"]) == ("refunding", 1230)
    assert stores.market.level("TEA", stores.seller) == (17, 0, 17)
    assert stores.market.level("TEA", stores.taker) == (2, 0, 2)
    (refund,) = stores.market.stripe.objects("refund")
    assert refund["amount"] == 1230
    (case,) = stores.shop.get(f"/staff/refunds/orders/{order_id}", as_=stores.shop.boss)["items"]
    assert (case["status"], case["store_id"]) == ("refunded", stores.seller)
    assert stores.net(stores.seller) == (1845, 1230) and stores.net(stores.taker) == (0, 0)
    entry = stores.shop.get(f"/staff/stock/TEA/{stores.taker}/entries", as_=stores.shop.boss).ok()["items"][-1]
    assert (entry["cause"], entry["reference"]) == ("return", returned["case_id"])
    assert stores.shop.executions("RefundCase").keys() == {returned["case_id"]}


@pytest.mark.capability("STO-14")
@pytest.mark.capability("STO-15")
def test_what_was_paid_in_cash_goes_back_in_cash_and_the_provider_hears_nothing(stores: Stores) -> None:
    order_id = stores.sold(TEA=1, CUP=1)
    stores.bring(order_id, units={"CUP": 1}, condition="scrap").ok()
    money = stores.market.money(order_id)
    assert [(one["kind"], one["method"], one["amount_minor"]) for one in money["events"]] == [
        ("charge", "cash", 1844),
        ("refund_owed", "cash", 1229),
        ("refund_posted", "cash", 1229),
    ]
    assert (money["balances"]["refunded_minor"], money["balances"]["pending_minor"]) == (1229, 0)
    assert money["payment"]["refundable_minor"] == 615
    assert [(one["status"], one["posted_at"]) for one in money["refunds"]] == [("posted", money["events"][1]["at"])]
    assert stores.market.stripe.objects("refund") == []
    assert stores.net(stores.seller) == (1844, 1229)
    assert stores.market.level("CUP", stores.taker) == (0, 0, 0)
    entries = stores.market.entries("CUP", stores.taker)
    assert [(one["cause"], one["delta"]) for one in entries] == [("return", 1), ("scrap", -1)]


@pytest.mark.capability("STO-15")
def test_a_return_sent_again_is_the_same_and_another_under_its_name_is_refused(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, answers = stores.sold(TEA=3), list[Answer]()
    before_next_write(monkeypatch, lambda: answers.append(stores.bring(order_id, return_id="R")))
    answers.append(stores.bring(order_id, return_id="R"))
    answers.append(stores.bring(order_id, return_id="R"))
    assert len({answer["case_id"] for answer in answers}) == 1
    assert stores.market.level("TEA", stores.taker) == (1, 0, 1)
    with stores.shop.unchanged():
        number = stores.market.order(order_id)["number"]
        assert stores.bring(None, number=number, return_id="R")["case_id"] == answers[0]["case_id"]
        assert said(stores.bring(order_id, return_id="R", units={"TEA": 2})) == (409, "return_id_used")
        assert said(stores.bring(order_id, return_id="R", condition="scrap")) == (409, "return_id_used")


def test_the_number_on_the_receipt_is_enough_for_a_store_that_may_not_read_the_order(stores: Stores) -> None:
    order_id = stores.sold(TEA=2)
    number = stores.market.order(order_id)["number"]
    clerk = Caller(id="c", kind="staff", may=frozenset({"returns.write", "orders.read"}), stores=stores.clerk.stores)
    assert stores.shop.get(f"/staff/orders/by-number/{number}", as_=clerk).status == 404
    assert stores.bring(None, by=clerk, number=number)["order_id"] == order_id
    assert stores.market.level("TEA", stores.taker) == (1, 0, 1)


def test_what_cannot_be_brought_back_is_refused_and_changes_nothing(stores: Stores) -> None:
    order_id, waiting = stores.sold(TEA=2), stores.market.pickup({"TEA": 1}, stores.seller)
    stores.bring(order_id).ok()
    asked = stores.fetched(CUP=1)
    wish = {"order_id": asked, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "damaged"}
    stores.shop.post("/me/refunds", wish, as_=INES).ok()
    stores.shop.drain()
    with stores.shop.unchanged():
        assert said(stores.bring(order_id, units={"TEA": 2})) == (422, "too_many_units")
        assert said(stores.bring(order_id, units={"CUP": 1})) == (422, "too_many_units")
        assert said(stores.bring(waiting)) == (409, "not_refundable")
        assert said(stores.bring(asked, units={"CUP": 1})) == (409, "case_already_open")
        assert said(stores.bring("ord_none")) == (404, "no_such_order")
        assert said(stores.bring(None, number="01KAJ-6M2C-9XQ4-T7VE")) == (404, "no_such_order")
        assert said(stores.bring(order_id, number="01KAJ-6M2C-9XQ4-T7VE")) == (422, "not_valid")
        assert said(stores.bring(order_id, store_id=stores.seller)) == (404, "missing")
        idle = Caller(id="idle", kind="staff", may=frozenset({"refunds.review"}))
        assert said(stores.bring(order_id, by=idle)) == (403, "forbidden")


def test_goods_come_back_within_the_time_that_the_shop_has_set(stores: Stores) -> None:
    stores.market.set_up(after_sales={"return_days": 30})
    in_time, late = stores.sold(TEA=1), stores.sold(TEA=1)
    stores.shop.pass_time(days=30)
    stores.bring(in_time).ok()
    stores.shop.pass_time(days=1)
    stores.shop.drain()
    with stores.shop.unchanged():
        assert said(stores.bring(late)) == (409, "return_window_over")


@pytest.mark.capability("STO-15")
@settings(max_examples=15)
@given(
    returns=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from(["TEA", "CUP"]),
            st.integers(1, 3),
            st.booleans(),
            st.sampled_from(["restock", "scrap"]),
        ),
        max_size=12,
    )
)
def test_stock_and_money_end_right_for_both_stores(returns: list[tuple[int, str, int, bool, str]]) -> None:
    """Whatever is brought back, in whatever order, where: goods where they came back, money from where it was taken."""
    with pytest.MonkeyPatch.context() as patch, opened(patch) as shop, running() as stripe:
        patch.setenv("STRIPE_API", stripe.url)
        stores = Stores(Market(shop, stripe))
        order_ids = [stores.sold(TEA=3, CUP=2), stores.fetched(TEA=1, CUP=3), stores.sold(CUP=1)]
        bought = [{"TEA": 3, "CUP": 2}, {"TEA": 1, "CUP": 3}, {"CUP": 1}]
        totals = [stores.market.order(order_id)["total_minor"] for order_id in order_ids]
        back, shelved, paid_back = Counter[tuple[int, str]](), Counter[tuple[str, str]](), Counter[int]()
        for n, sku, units, at_seller, condition in returns:
            at = stores.seller if at_seller else stores.taker
            more = {"units": {sku: units}, "condition": condition, "store_id": at}
            answer = stores.bring(order_ids[n], by=shop.boss, **more)
            fits = units <= bought[n].get(sku, 0) - back[n, sku]
            assert (answer.status == 201) == fits, answer.body
            if fits:
                back[n, sku] += units
                shelved[at, sku] += units if condition == "restock" else 0
                paid_back[n] += answer["amount_minor"]
        for sku in PRICES:
            sold = sum(one.get(sku, 0) for one in bought)
            assert stores.market.stock(sku)["on_hand"] == 20 - sold + sum(
                shelved[at, sku] for at in (stores.seller, stores.taker)
            )
            assert stores.market.level(sku, stores.seller)[0] == 20 - sold + shelved[stores.seller, sku]
        for n, order_id in enumerate(order_ids):
            payment = stores.market.money(order_id)["payment"]
            assert payment["refundable_minor"] == totals[n] - paid_back[n] >= 0
            if all(back[n, sku] == units for sku, units in bought[n].items()):
                assert payment["refundable_minor"] == 0, "all of it is back, and so is all that was paid"
        assert stores.net(stores.seller) == (sum(totals), sum(paid_back.values()))
        assert stores.net(stores.taker) == (0, 0)
        assert sum(one["amount"] for one in stripe.objects("refund")) == paid_back[1]
