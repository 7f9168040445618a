"""Profit: of days, products and campaigns, from what was booked; it adds up to the cent, however it is looked at."""

from typing import Any

import pytest

from tests.support import books, sales
from tests.support.market import INES, RENT, Market

MONTH = "2026-11"
PRICES, COSTS, FREIGHT = {"CUP": 1099, "POT": 4567, "TEA": 350}, {"CUP": 412, "POT": 1733}, 333


@pytest.fixture
def market(market: Market) -> Market:
    """Odd prices, and goods of which the shop knows what they had cost, but for tea."""
    market.set_up(tax_basis_points=725)
    market.goods(PRICES, {market.store(freight_minor=FREIGHT): 50}, costs=COSTS)
    return market


def delivered(market: Market, wanted: dict[str, int]) -> str:
    order_id = market.laid_out(wanted)
    market.ship(order_id).ok()
    market.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
    return order_id


def brought_back(market: Market, order_id: str, units: dict[str, int], condition: str) -> None:
    said = {"return_id": f"R-{market.shop.next_number()}", "order_id": order_id, "condition": condition}
    lines = [{"sku": sku, "quantity": count} for sku, count in units.items()]
    brought = said | {"store_id": market.order(order_id)["store_id"], "lines": lines, "reason": "damaged"}
    market.shop.post("/staff/returns", brought, as_=market.shop.boss).ok()
    market.shop.drain()


def profit(market: Market, by: str, **asked: Any) -> list[dict[str, Any]]:
    """Page by page, where it has some."""
    found, cursor = list[dict[str, Any]](), None
    while True:
        more = asked | ({"cursor": cursor} if cursor else {})
        page = market.shop.get(f"/staff/profit/{by}", as_=market.shop.boss, month=MONTH, **more).ok()
        found += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return found


@pytest.mark.capability("ANA-15")
def test_the_profit_of_a_day_is_what_is_left_of_what_was_sold(market: Market) -> None:
    order_id = delivered(market, {"CUP": 3, "POT": 1, "TEA": 2})
    books.count(market.shop)
    (today,) = profit(market, "days")
    revenue, cost = 3 * 1099 + 4567 + 2 * 350, 3 * 412 + 1733
    assert today == {
        "day": "2026-11-02",
        "currency": "EUR",
        "revenue_minor": revenue,
        "discounts_minor": 0,
        "refunds_minor": 0,
        "freight_minor": FREIGHT,
        "commission_minor": 0,
        "cost_of_goods_minor": -cost,
        "provider_fees_minor": 0,
        "other_minor": 0,
        "profit_minor": revenue + FREIGHT - cost,
    }

    market.shop.pass_time(days=1)
    brought_back(market, order_id, {"CUP": 1}, "restock")
    brought_back(market, order_id, {"POT": 1}, "scrap")
    market.shop.post("/staff/ledger/vouchers", RENT, as_=market.shop.boss).ok()
    books.count(market.shop)
    _, tomorrow = profit(market, "days")
    assert tomorrow["refunds_minor"] == -(1099 + 4567)
    assert tomorrow["cost_of_goods_minor"] == 412
    assert tomorrow["other_minor"] == -100
    parts = {name for name in tomorrow if name.endswith("_minor")} - {"profit_minor"}
    assert tomorrow["profit_minor"] == sum(tomorrow[name] for name in parts)
    told = market.shop.get(f"/staff/ledger/statements/{MONTH}", as_=market.shop.boss).ok()["statements"][0]
    assert told["profit_minor"] == today["profit_minor"] + tomorrow["profit_minor"]


@pytest.mark.capability("ANA-15")
@pytest.mark.capability("ANA-16")
def test_what_staff_take_off_is_earned_less_however_it_is_looked_at(market: Market) -> None:
    market.assisted({"sku": "CUP", "quantity": 3, "discount_basis_points": 1000})
    books.count(market.shop)
    (today,) = profit(market, "days")
    assert (today["revenue_minor"], today["discounts_minor"]) == (3 * 1099, -330)
    assert today["profit_minor"] == 3 * 1099 - 330 + FREIGHT
    (cups,) = profit(market, "products")
    assert (cups["sku"], cups["sold_minor"], cups["profit_minor"]) == ("CUP", *[today["profit_minor"]] * 2)


@pytest.mark.capability("ANA-16")
def test_products_and_campaigns_make_up_the_profit_to_the_cent(market: Market) -> None:
    """What is of a whole order is its goods', by what they were sold for; rent is nobody's."""
    order_id = delivered(market, {"CUP": 3, "POT": 1, "TEA": 2})
    market.cancel(market.buy({"TEA": 1, "CUP": 1})).ok()
    brought_back(market, order_id, {"POT": 1}, "restock")
    market.shop.post("/staff/ledger/vouchers", RENT, as_=market.shop.boss).ok()
    books.count(market.shop, times=2)
    days = profit(market, "days")
    whole = sum(day["profit_minor"] for day in days)
    products = {one["sku"]: one for one in profit(market, "products", limit=1)}
    assert sum(one["profit_minor"] for one in products.values()) == whole
    assert sum(one["profit_minor"] for one in profit(market, "campaigns", limit=1)) == whole
    assert products["none"]["profit_minor"] == products["none"]["other_minor"] == -100
    assert products["CUP"]["cost_minor"] == -3 * 412
    assert products["POT"]["cost_minor"] == 0 and -products["POT"]["credited_minor"] == products["POT"]["sold_minor"]
    assert products["CUP"]["sold_minor"] + products["CUP"]["credited_minor"] > 3 * 1099
    assert products["TEA"]["cost_minor"] == 0


@pytest.mark.capability("ANA-16")
def test_what_a_flash_sale_earns_is_told_by_itself(market: Market) -> None:
    store_id = market.order(market.buy({"CUP": 1}))["store_id"]
    sale_id = sales.running(market, store_id, "CUP")
    market.pay(sales.buy(market, sale_id))
    market.hear()
    books.count(market.shop)
    campaigns = {one["campaign"]: one["profit_minor"] for one in profit(market, "campaigns")}
    assert campaigns.keys() == {"none", sale_id}
    assert campaigns[sale_id] == 300 + FREIGHT
    assert sum(campaigns.values()) == sum(day["profit_minor"] for day in profit(market, "days"))


@pytest.mark.capability("ANA-15")
def test_profit_is_head_offices(market: Market) -> None:
    for by in ("days", "products", "campaigns"):
        for caller, status in (("ledger.read", 200), ("reports.read", 403)):
            assert market.shop.get(f"/staff/profit/{by}", as_=market.shop.staff(caller), month=MONTH).status == status
        bound = market.shop.staff("ledger.read", stores=("sto_1",))
        assert market.shop.get(f"/staff/profit/{by}", as_=bound, month=MONTH).status == 404
