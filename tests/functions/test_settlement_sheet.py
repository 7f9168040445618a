"""The statement of a settlement as a file: what a merchant's accountant takes away, and can add up."""

import csv
import io
from collections import Counter

import pytest

from souk.domains.settlement.actions import settlements
from tests.support import merchants
from tests.support import settlements as desk
from tests.support.market import Market
from tests.support.merchants import Trader
from tests.support.shop import Answer

MONTH = "2026-11"


@pytest.fixture
def trader(market: Market) -> Trader:
    return desk.kiln(market)


def exported(market: Market, trader: Trader, month: str = MONTH) -> Answer:
    return market.shop.get(f"/staff/settlements/{trader.merchant_id}/{month}/EUR/export", as_=trader.boss)


def rows_of(sheet: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet["content"].removeprefix("\ufeff"))))


@pytest.mark.capability("MER-05")
def test_a_settlement_is_taken_away_as_a_table_that_adds_up(market: Market, trader: Trader) -> None:
    order_id = desk.delivered(market, {"CUP": 3})
    desk.bring_back(market, order_id, {"CUP": 1})
    desk.adjust(market, trader.merchant_id, -250, reason="=late, delivery").ok()
    told = desk.settlement(market, trader.merchant_id)
    sheet = exported(market, trader)
    assert sheet["name"] == f"settlement-{trader.merchant_id}-{MONTH}-EUR.csv"
    first, *lines, last = rows_of(sheet)
    assert (first["kind"], first["payable"]) == ("brought forward", "0.00")
    assert (last["kind"], last["cause"], last["currency"]) == ("total", "open", "EUR")
    assert {(line["merchant"], line["month"]) for line in (first, *lines, last)} == {("Kiln", MONTH)}
    sums = Counter[str]()
    for line in lines:
        assert cents(line["gross"]) - cents(line["fee"]) == cents(line["payable"])
        sums[line["kind"]] += cents(line["gross"])
    assert sums == {"sale": told["sales_minor"], "refund": -told["refunds_minor"], "adjustment": -250}
    assert sum(cents(line["fee"]) for line in lines) == cents(last["fee"]) == told["fees_minor"]
    assert sum(cents(line["payable"]) for line in lines) == cents(last["payable"]) == told["payable_minor"]
    number = market.order(order_id)["number"]
    assert {(line["subject"], line["order_number"]) for line in lines if line["kind"] != "adjustment"} == {
        (order_id, number)
    }
    assert {line["order_number"] for line in lines if line["kind"] == "adjustment"} == {""}
    assert [line["reason"] for line in lines if line["kind"] == "adjustment"] == ["'=late, delivery"]
    assert {line["booked_at_utc"] for line in lines} == {"2026-11-02 09:00:01"}


@pytest.mark.capability("MER-05")
def test_what_a_month_left_below_zero_stands_first_in_the_table_of_the_next(market: Market, trader: Trader) -> None:
    desk.adjust(market, trader.merchant_id, -5_000).ok()
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    desk.close(market, trader.merchant_id).ok()
    first, last = rows_of(exported(market, trader, "2026-12"))
    assert (first["kind"], first["payable"], last["payable"]) == ("brought forward", "-50.00", "-50.00")


@pytest.mark.capability("MER-05")
def test_what_was_paid_out_says_in_its_table_when_and_under_which_reference(market: Market, trader: Trader) -> None:
    desk.adjust(market, trader.merchant_id, 5_000).ok()
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    desk.close(market, trader.merchant_id).ok()
    assert rows_of(exported(market, trader))[-1]["cause"] == "due"
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=11)
    desk.pay_out(market, trader.merchant_id).ok()
    last = rows_of(exported(market, trader))[-1]
    assert (last["cause"], last["reason"], last["booked_at_utc"][:10]) == ("paid", "OUT-11", "2026-12-11")
    assert desk.PAYOUT["bank_account"] not in exported(market, trader)["content"]


@pytest.mark.capability("MER-05")
def test_what_an_order_of_several_sellers_was_before_it_was_split_has_the_cause_that_the_books_give_it(
    market: Market, trader: Trader
) -> None:
    order = market.order(market.buy({"CUP": 1, "TEA": 2}))
    desk.settlement(market, trader.merchant_id)
    lines = rows_of(exported(market, trader))[1:-1]
    before = {(line["order_number"], line["cause"]) for line in lines if line["undivided"]}
    assert before == {(order["number"], "sale"), (order["number"], "split")}
    (part,) = [line["order_number"] for line in lines if not line["undivided"]]
    assert part in {one["number"] for one in order["became"]}
    told = {one["order_number"]: one["undivided"] for one in desk.movements(market, trader.merchant_id)}
    assert told == {order["number"]: True, part: False}


@pytest.mark.capability("MER-05")
def test_only_who_may_read_a_settlement_takes_it_away_and_a_very_long_one_is_read_by_pages(
    market: Market, trader: Trader, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.buy({"CUP": 1})
    desk.settlement(market, trader.merchant_id)
    path = f"/staff/settlements/{trader.merchant_id}/{MONTH}/EUR/export"
    other = merchants.trader(market, "Weavers")
    assert market.shop.get(path, as_=other.boss).status == 404
    assert market.shop.get(path, as_=market.shop.boss).status == 200
    assert market.shop.get(path.replace(MONTH, "2026-10"), as_=trader.boss)["code"] == "no_such_settlement"
    monkeypatch.setattr(settlements, "MOST_ROWS", 0)
    refused = exported(market, trader)
    assert (refused.status, refused["code"]) == (422, "settlement_too_long")


def cents(text: str) -> int:
    return round(float(text) * 100)
