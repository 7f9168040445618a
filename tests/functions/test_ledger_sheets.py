"""The books as files: the trial balance and the journal of a day, as an accountant takes them away and adds them up."""

import csv
import io
from collections import Counter

import pytest

from souk.domains.ledger import actions
from souk.kernel.journal import CHART
from tests.support import bank_transfers as bank
from tests.support import books
from tests.support.market import RENT, Market
from tests.support.shop import Answer
from tests.support.table import calls

DAY = "2026-11-02"


@pytest.fixture
def market(market: Market) -> Market:
    market.set_up(tax_basis_points=725)
    market.goods({"CUP": 1099}, {market.store(freight_minor=333): 50})
    return market


def exported(market: Market, path: str, **query: str) -> Answer:
    return market.shop.get(f"/staff/ledger/{path}/export", as_=market.shop.boss, **query)


def rows_of(sheet: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sheet["content"].removeprefix("\ufeff"))))


def cents(text: str) -> int:
    return round(float(text or 0) * 100)


def total(lines: list[dict[str, str]], column: str) -> int:
    return sum(cents(line[column]) for line in lines)


@pytest.mark.capability("ANA-14")
def test_the_trial_balance_is_taken_away_and_adds_up(market: Market) -> None:
    market.buy({"CUP": 3})
    market.shop.post("/staff/ledger/vouchers", RENT, as_=market.shop.boss).ok()
    books.count(market.shop)
    (trial,) = market.shop.get("/staff/ledger/balances", as_=market.shop.boss).ok()["items"]
    sheet = exported(market, "balances", until="2026-11")
    assert sheet["name"] == "trial-balance-2026-11.csv"
    *lines, last = rows_of(sheet)
    told = {
        one["account"]: (one["debit_minor"], one["credit_minor"], one["balance_minor"]) for one in trial["accounts"]
    }
    own_side = {"asset": "debit", "expense": "debit", "liability": "credit", "income": "credit"}
    found = {}
    for one in lines:
        assert not (one["debit_balance"] and one["credit_balance"])
        left = cents(one["debit_balance"]) - cents(one["credit_balance"])
        balance = left if own_side[one["type"]] == "debit" else -left
        found[one["account"]] = (cents(one["debit"]), cents(one["credit"]), balance)
    assert found == told
    assert {(one["title"], one["type"]) for one in lines} >= {("Goods sold", "income"), ("Tax on sales", "liability")}
    assert (last["account"], last["currency"]) == ("total", "EUR")
    for sides in (("debit", "credit"), ("debit_balance", "credit_balance")):
        assert len({total(lines, side) for side in sides} | {cents(last[side]) for side in sides}) == 1
    assert rows_of(exported(market, "balances", until="2026-10")) == []
    assert exported(market, "balances")["name"] == f"trial-balance-as-of-{DAY}.csv"


@pytest.mark.capability("ANA-13")
def test_the_income_statement_of_a_month_is_taken_away_and_adds_up(market: Market) -> None:
    market.buy({"CUP": 3})
    market.shop.post("/staff/ledger/vouchers", RENT, as_=market.shop.boss).ok()
    books.count(market.shop)
    (told,) = market.shop.get("/staff/ledger/statements/2026-11", as_=market.shop.boss).ok()["statements"]
    sheet = exported(market, "statements/2026-11")
    assert sheet["name"] == "statement-2026-11.csv"
    lines = rows_of(sheet)
    assert {(line["month"], line["status"], line["currency"]) for line in lines} == {("2026-11", "open", "EUR")}
    sums = {line["section"]: cents(line["amount"]) for line in lines if line["account"] == "total"}
    assert sums == {part: told[f"{part}_minor"] for part in ("income", "expense", "profit")}
    for section in ("income", "expense"):
        of = [line for line in lines if (line["section"], line["account"] == "total") == (section, False)]
        assert total(of, "amount") == sums[section]
    money = {line["account"]: cents(line["amount"]) for line in lines if line["section"] == "money"}
    assert money == {one["account"]: one["balance_minor"] for one in told["money"]}
    market.shop.clock.at = market.shop.clock.at.replace(month=12, day=10)
    market.shop.post("/staff/ledger/periods/2026-11/close", as_=market.shop.boss).ok()
    closed = rows_of(exported(market, "statements/2026-11"))
    assert [line | {"status": "open"} for line in closed] == lines and closed[0]["status"] == "closed"
    assert rows_of(exported(market, "statements/2026-12")) == []


@pytest.mark.capability("ANA-13")
def test_the_journal_of_a_day_is_taken_away_line_by_line(market: Market) -> None:
    order_id = market.buy({"CUP": 3})
    sheet = exported(market, "journal", day=DAY)
    assert sheet["name"] == f"journal-{DAY}.csv"
    lines = rows_of(sheet)
    booked, number = Counter[str](), market.order(order_id)["number"]
    for line in lines:
        assert (line["subject"], line["order_number"]) == (order_id, number)
        assert (line["currency"], line["booked_at_utc"]) == ("EUR", f"{DAY} 09:00:00")
        assert line["title"] == CHART[line["account"].partition(":")[0]].title
        assert bool(line["debit"]) != bool(line["credit"])
        booked[line["account"]] += cents(line["debit"]) - cents(line["credit"])
    assert {account: minor for account, minor in booked.items() if minor} == books.accounts(books.entries(market.shop))
    assert total(lines, "debit") == total(lines, "credit")
    assert rows_of(exported(market, "journal", day="2026-11-01")) == []


@pytest.mark.capability("ANA-13")
def test_what_moved_at_a_provider_or_at_the_bank_stands_there_with_the_number_that_those_know_it_by(
    market: Market,
) -> None:
    market.set_up(payment_methods=["card", "bank_transfer"], bank_account=bank.ACCOUNT)
    market.cancel(market.buy({"CUP": 1})).ok()
    order_id, told = bank.place(market, 1)
    bank.enter(market, int(told["amount"].replace(".", "")), told["reference"], "BK-1").ok()
    market.cancel(order_id).ok()
    market.shop.drain()
    [owed] = market.money(order_id)["refunds"]
    sent = f"/staff/bank-transfers/refunds/{order_id}/{owed['refund_id']}/sent"
    market.shop.post(sent, {"bank_reference": "OUT-1"}, as_=market.shop.boss).ok()
    stray = bank.enter(market, 500, "nobody's", "BK-2").ok()["transfer_id"]
    back = f"/staff/bank-transfers/{stray}/send-back"
    market.shop.post(back, {"bank_reference": "OUT-2"}, as_=market.shop.boss).ok()
    [charge], [refund] = market.stripe.objects("charge"), market.stripe.objects("refund")
    moved = {"clearing:stripe": Counter[str](), "bank": Counter[str]()}
    for line in rows_of(exported(market, "journal", day=DAY)):
        if line["account"] in moved:
            moved[line["account"]][line["reference"]] += cents(line["debit"]) - cents(line["credit"])
    total_minor = market.order(order_id)["total_minor"]
    assert moved == {
        "clearing:stripe": {charge["id"]: total_minor, refund["id"]: -total_minor},
        "bank": {"BK-1": total_minor, "OUT-1": -total_minor, "BK-2": 500, "OUT-2": -500},
    }


@pytest.mark.capability("ANA-13")
@pytest.mark.parametrize(("note", "shown"), [("房租", "房租"), ("=1+2", "'=1+2"), ("＝1+2", "'＝1+2"), ("－1", "'－1")])
def test_what_people_booked_stands_in_the_journal_with_what_they_said_of_it_and_no_formula(
    market: Market, note: str, shown: str
) -> None:
    paid = market.shop.post("/staff/ledger/vouchers", RENT | {"note": note}, as_=market.shop.boss).ok()
    lines = rows_of(exported(market, "journal", day=DAY))
    assert {(one["subject"], one["order_number"], one["note"]) for one in lines} == {(paid["voucher_id"], "", shown)}


@pytest.mark.capability("ANA-13")
def test_the_numbers_of_a_days_orders_are_one_more_read_for_a_hundred_of_them(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        market.buy({"CUP": 1})
    made = calls(monkeypatch)
    exported(market, "journal", day=DAY).ok()
    assert made == [*["query"] * 4, "read_many", "read_many"], "the four parts of a day, its entries, their orders"


@pytest.mark.capability("ANA-13")
def test_a_day_with_very_many_entries_is_read_by_pages_and_the_books_are_head_offices(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.buy({"CUP": 1})
    clerk = market.shop.staff("ledger.read", stores=("sto_1",))
    for path, query in (("balances", {}), ("journal", {"day": DAY}), ("statements/2026-11", {})):
        assert market.shop.get(f"/staff/ledger/{path}/export", as_=clerk, **query).status == 404
    monkeypatch.setattr(actions, "MOST_ROWS", 1)
    refused = exported(market, "journal", day=DAY)
    assert (refused.status, refused["code"]) == (422, "journal_too_long")
