"""The after-sales policy: published in versions, kept by each order, and until when goods may be given back by it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from souk.domains.aftersales.model import window
from souk.kernel.caller import Caller
from tests.support.market import INES, Market, text
from tests.support.shop import Answer

ZONES = ("UTC", "Europe/Lisbon", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "America/Sao_Paulo")
MOMENT = timedelta(milliseconds=1)


@given(
    arrived=st.integers(10**9, 37 * 10**8).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    days=st.integers(0, 400),
    zone=st.sampled_from(ZONES),
)
@example(
    arrived=datetime(2026, 3, 22, 23, 30, tzinfo=UTC), days=7, zone="Europe/Lisbon"
)  # the clocks go forward meanwhile
@pytest.mark.capability("AFS-09")
def test_the_window_closes_with_the_last_second_of_the_last_day_in_the_shops_calendar(
    arrived: datetime, days: int, zone: str
) -> None:
    here = ZoneInfo(zone)
    closes = window.closes(arrived, days, zone)
    last = (closes - MOMENT).astimezone(here)
    assert (last.date() - arrived.astimezone(here).date()).days == days
    assert closes.astimezone(here).date() == last.date() + timedelta(days=1)


class Shopper:
    """Buys, and gives back after some time. Tea is food, of which fresh food is a part; a cup is neither."""

    def __init__(self, market: Market) -> None:
        self.market, self.shop = market, market.shop
        self.food, goods = market.category("Food"), market.category("Goods")
        below = {"name": text("Fresh"), "parent_id": self.food}
        fresh = self.shop.post("/staff/categories", below, as_=self.shop.boss).ok()["category_id"]
        store_id = market.store()
        for category_id, prices in ((self.food, {"TEA": 500}), (fresh, {"FIG": 300}), (goods, {"CUP": 1000})):
            market.category_id = category_id
            market.goods(prices, {store_id: 20})

    def policy(self, **terms: Any) -> int:
        """Published; its version."""
        self.market.set_up(after_sales=terms, time_zone="Asia/Shanghai")
        return int(self.shop.get("/shop/after-sales-policy")["version"])

    def arrived(self, *skus: str) -> str:
        """At three in the afternoon, by the shop's clock."""
        order_id = self.market.laid_out(dict.fromkeys(skus, 1))
        self.market.ship(order_id).ok()
        self.shop.clock.at = self.shop.clock.at.replace(hour=7, minute=0, second=0)
        self.shop.post(f"/staff/orders/{order_id}/received", {}, as_=self.shop.boss).ok()
        self.shop.drain()
        return order_id

    def ask(self, order_id: str, *skus: str, by: Caller = INES) -> Answer:
        """By the buyer, or by staff in the buyer's name."""
        lines = [{"sku": sku, "quantity": 1} for sku in skus]
        wish = {"order_id": order_id, "lines": lines, "reason": "not_wanted"}
        return self.shop.post("/me/refunds" if by is INES else "/staff/refunds", wish, as_=by)


@pytest.fixture
def shopper(market: Market) -> Shopper:
    return Shopper(market)


def said(answer: Answer) -> tuple[int, str | None, str | None]:
    refused = answer.status >= 400
    return answer.status, answer["code"] if refused else None, answer["until"] if refused else None


@pytest.mark.capability("AFS-09")
def test_goods_are_taken_back_until_midnight_of_the_last_day_of_their_category(shopper: Shopper) -> None:
    shopper.policy(return_days=7, categories=[{"category_id": shopper.food, "return_days": 2}])
    order_id, another = shopper.arrived("TEA", "FIG", "CUP"), shopper.arrived("TEA", "CUP")
    arrived = shopper.shop.clock.at
    over = f"{arrived + timedelta(days=2):%Y-%m-%d}T16:00:00+00:00"  # midnight in Shanghai
    shopper.shop.clock.at = datetime.fromisoformat(over) - timedelta(seconds=1)
    shopper.ask(order_id, "FIG").ok()

    shopper.shop.clock.at = datetime.fromisoformat(over)
    assert said(shopper.ask(order_id, "TEA")) == (409, "return_window_over", over)
    assert said(shopper.ask(another, "CUP", "TEA")) == (409, "return_window_over", over)
    assert said(shopper.ask(another, "TEA", by=shopper.shop.boss)) == (409, "return_window_over", over)
    assert shopper.ask(order_id, "CUP").status == 201

    over = f"{arrived + timedelta(days=7):%Y-%m-%d}T16:00:00+00:00"
    shopper.shop.clock.at = datetime.fromisoformat(over) - timedelta(seconds=1)
    shopper.ask(another, "CUP").ok()


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"after_sales": {"return_days": -1}},
        {"after_sales": {"return_days": 10_000}},
        {"after_sales": {"return_days": 7, "days": 7}},
        {"after_sales": {"categories": [{"category_id": "cat_1"}]}},
    ],
)
def test_a_policy_that_says_nothing_sensible_is_refused(shopper: Shopper, wrong: dict[str, Any]) -> None:
    settings = shopper.shop.get("/staff/settings", as_=shopper.shop.boss).ok()
    assert shopper.shop.put("/staff/settings", settings | wrong, as_=shopper.shop.boss).status == 422


@pytest.mark.capability("AFS-09")
def test_the_window_is_counted_from_the_arrival_and_not_from_the_purchase(shopper: Shopper) -> None:
    shopper.policy(return_days=1)
    order_id = shopper.market.laid_out({"CUP": 1})
    shopper.market.ship(order_id).ok()
    shopper.shop.pass_time(days=9)
    assert shopper.ask(order_id, "CUP").status == 201, "on its way it has all of its time"

    late = shopper.market.laid_out({"CUP": 1})
    shopper.market.ship(late).ok()
    shopper.shop.pass_time(days=9)
    shopper.shop.post(f"/staff/orders/{late}/received", {}, as_=shopper.shop.boss).ok()
    shopper.shop.pass_time(days=1)
    assert shopper.ask(late, "CUP").status == 201
    lapsed = shopper.market.laid_out({"CUP": 1})
    shopper.market.ship(lapsed).ok()
    shopper.shop.post(f"/staff/orders/{lapsed}/received", {}, as_=shopper.shop.boss).ok()
    shopper.shop.pass_time(days=2)
    assert shopper.ask(lapsed, "CUP")["code"] == "return_window_over"


@pytest.mark.capability("AFS-11")
def test_an_order_keeps_the_policy_that_was_in_force_when_it_was_placed(shopper: Shopper) -> None:
    generous = shopper.policy(return_days=30, text=text("Thirty days, unused"))
    early = shopper.arrived("CUP")
    strict = shopper.policy(return_days=0, text=text("The same day"))
    late = shopper.arrived("CUP")
    orders = {one: shopper.shop.get(f"/me/orders/{one}", as_=INES).ok()["policy_version"] for one in (early, late)}
    assert orders == {early: generous, late: strict} and strict > generous
    published = {one: shopper.shop.get("/shop/after-sales-policy", version=one).ok() for one in orders.values()}
    assert {one: policy["text"]["en"] for one, policy in published.items()} == {
        generous: "Thirty days, unused",
        strict: "The same day",
    }
    assert shopper.shop.get("/shop/after-sales-policy").body == published[strict]
    assert shopper.shop.get("/shop/after-sales-policy", version=strict + 1).status == 404

    shopper.shop.pass_time(days=2)
    assert shopper.ask(early, "CUP").status == 201
    assert shopper.ask(late, "CUP")["code"] == "return_window_over"
