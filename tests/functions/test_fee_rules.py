"""Fee rules: made for days to come, the most specific holds, and an order keeps the fee that it was placed with."""

from typing import Any

import pytest

from souk.domains.settlement.model import fees
from tests.support import books, merchants, sales, settlements
from tests.support.goods_back import Exchange
from tests.support.market import Market
from tests.support.shop import Answer
from tests.support.table import before_next_write

DRAFT = settlements.FEE | {"reference": "FEE-1", "basis_points": 500}


def make(market: Market, **said: Any) -> Answer:
    return market.shop.post("/staff/fee-rules", DRAFT | said, as_=market.shop.boss)


def fee_of(market: Market, order_id: str, sku: str = "CUP") -> int:
    """Of a line; what is kept of one of the merchant's own is said in the entry of its sale too."""
    order = market.order(order_id)
    return int(next(line for line in order["lines"] if line["sku"] == sku)["commission_minor"])


class Stall:
    """A merchant's cup among the shop's teaware, which is among its goods for the kitchen."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self.kitchen = market.category("Kitchen")
        self.tea = market.category_id = market.category("Tea", self.kitchen)
        trader = merchants.trader(market)
        self.merchant_id, self.store_id = trader.merchant_id, trader.store_id
        trader.goods({"CUP": 1000}, 99)

    def fee(self, units: int = 1) -> int:
        return fee_of(self.market, self.market.place({"CUP": units}))


@pytest.fixture
def stall(market: Market) -> Stall:
    return Stall(market)


@pytest.mark.capability("MER-04")
def test_the_most_specific_rule_holds_for_what_is_placed_and_what_was_placed_keeps_its_fee(stall: Stall) -> None:
    market, mine = stall.market, {"merchant_id": stall.merchant_id}
    assert stall.fee() == 0, "there is no rule"
    placed = list[tuple[str, int]]()
    for rule, fee in (
        ({"basis_points": 100}, 10),
        ({"basis_points": 200, "category_id": stall.kitchen}, 20),
        ({"basis_points": 300, "category_id": stall.tea}, 30),
        ({"basis_points": 400} | mine, 40),
        ({"basis_points": 900, "category_id": stall.kitchen}, 40),
        ({"basis_points": 500, "category_id": stall.kitchen} | mine, 50),
        ({"basis_points": 600, "category_id": stall.tea} | mine, 60),
        ({"basis_points": 700, "category_id": stall.tea} | mine, 70),
        ({"basis_points": 800, "category_id": stall.tea, "currency": "USD"} | mine, 70),
        ({"basis_points": 800, "category_id": stall.tea, "from_day": "2026-11-03"} | mine, 70),
    ):
        settlements.fee(market, **rule)
        order_id = market.place({"CUP": 1})
        assert fee_of(market, order_id) == fee, rule
        placed.append((order_id, fee))
    market.shop.pass_time(days=1)
    assert stall.fee() == 80, "the day has come"
    assert [(order_id, fee_of(market, order_id)) for order_id, _ in placed] == placed


@pytest.mark.capability("MER-04")
def test_a_fee_is_a_part_and_an_amount_a_unit_up_to_its_cap(stall: Stall) -> None:
    settlements.fee(stall.market, basis_points=1500, fixed_minor=25)
    assert stall.fee(units=3) == 3 * 175
    settlements.fee(stall.market, basis_points=1500, fixed_minor=25, cap_minor=120, merchant_id=stall.merchant_id)
    assert stall.fee(units=3) == 3 * 120
    settlements.fee(stall.market, fixed_minor=5_000, merchant_id=stall.merchant_id)
    assert stall.fee(units=3) == 3_000, "no more than what was paid for them"


@pytest.mark.capability("MER-04")
def test_a_rule_is_made_once_for_days_to_come_and_never_changed(stall: Stall, monkeypatch: pytest.MonkeyPatch) -> None:
    market = stall.market
    made = make(market).ok()
    assert (made["merchant_id"], made["made_by"]) == (fees.EVERY_MERCHANT, "boss")
    assert make(market).ok() == made
    assert make(market, basis_points=501).body["code"] == "fee_reference_used"
    assert make(market, merchant_id=stall.merchant_id).ok()["rule_id"] != made["rule_id"]
    assert make(market, reference="FEE-2", from_day="2026-11-01").body["code"] == "fee_in_the_past"
    assert make(market, reference="FEE-2", merchant_id="mer_nobody").status == 404
    assert make(market, reference="FEE-2", category_id="cat_none").status == 404
    later = make(market, reference="FEE-2", from_day="2026-12-01").ok()
    page = market.shop.get("/staff/fee-rules", as_=market.shop.boss, limit=1).ok()
    rest = market.shop.get("/staff/fee-rules", as_=market.shop.boss, cursor=page["next_cursor"]).ok()
    assert (page["items"], rest["items"]) == ([later], [made])
    monkeypatch.setattr("souk.domains.settlement.actions.fees.MOST_RULES", 2)
    assert make(market, reference="FEE-3").body["code"] == "too_many_fee_rules"
    market.shop.pass_time(days=1)
    assert make(market).ok() == made, "sent again when its day has gone by"


@pytest.mark.capability("MER-04")
def test_of_two_that_make_a_rule_under_one_reference_at_once_one_is_refused(
    stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    market, made = stall.market, list[dict[str, Any]]()
    before_next_write(monkeypatch, lambda: made.append(make(market, from_day="2026-11-09").ok()), of="FeeRule")
    assert make(market, from_day="2026-11-05").body["code"] == "fee_reference_used"
    assert market.shop.get("/staff/fee-rules", as_=market.shop.boss).ok()["items"] == made


@pytest.mark.capability("MER-04")
def test_what_is_sold_at_a_till_in_a_flash_sale_or_by_telephone_has_its_fee_too(stall: Stall) -> None:
    market = stall.market
    settlements.fee(market, basis_points=1000)
    sale = {"store_id": stall.store_id, "sale_id": "S-1", "total_minor": 1000, "paid_by": "cash"}
    sold = market.shop.post("/staff/sales", sale | {"lines": [{"sku": "CUP", "quantity": 1}]}, as_=market.shop.boss)
    assert fee_of(market, sold.ok()["order_id"]) == 100
    assert fee_of(market, market.assisted({"sku": "CUP", "quantity": 2, "unit_price_minor": 700})) == 140
    hurried = sales.buy(market, sales.running(market, stall.store_id, "CUP", price_minor=300)).ok()
    assert fee_of(market, hurried["order"]["order_id"]) == 30


@pytest.mark.capability("MER-04")
@pytest.mark.parametrize(("instead", "fee"), [("CUP", 110), ("JUG", 1000)])
def test_what_is_exchanged_has_the_fee_of_what_it_stands_for_or_that_of_today(
    market: Market, monkeypatch: pytest.MonkeyPatch, instead: str, fee: int
) -> None:
    """The same again as it was sold; other goods by the rule of the day. What came back has none."""
    kilns = merchants.trader(market, "Kilns", freight_minor=333)
    monkeypatch.setattr(market, "store", lambda **_: kilns.store_id)
    monkeypatch.setattr(market, "goods", lambda prices, stock: kilns.goods(prices, stock[kilns.store_id]))
    settlements.fee(market, basis_points=1000)
    swap = Exchange(market, {"CUP": 3})
    settlements.fee(market, basis_points=2000)
    swap.open("exchange", CUP=(1, instead))
    if instead == "JUG":
        swap.pay()
        market.hear()
    swap.back(("CUP", 1)).ok()
    swap.leave()
    assert fee_of(market, swap.replacement["order_id"], instead) == fee
    assert fee_of(market, swap.order_id) == 330
    kept = -books.accounts(books.entries(market.shop))[f"commission:{kilns.merchant_id}"]
    assert kept == 330 - 110 + fee
