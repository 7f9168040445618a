"""Months of the books: an income statement of each, and none of it changes once the month is closed."""

from typing import Any

import pytest

from souk.domains.ledger import actions
from souk.domains.ledger.model.balance import AccountBalance
from souk.domains.ledger.model.period import CLOSING_GRACE
from souk.domains.reconciliation.model.bill import LATE
from souk.table import current
from tests.support import bills, books
from tests.support.market import RENT, Market
from tests.support.shop import Answer
from tests.support.table import before_next_write

MONTH, NEXT = "2026-11", "2026-12"


@pytest.fixture
def market(market: Market) -> Market:
    market.set_up(tax_basis_points=725)
    market.goods({"CUP": 1099, "POT": 4567}, {market.store(freight_minor=333): 50})
    return market


def statement(market: Market, month: str = MONTH) -> dict[str, Any]:
    found = market.shop.get(f"/staff/ledger/statements/{month}", as_=market.shop.boss).ok()
    (of_euros,) = found["statements"]
    return dict(of_euros)


def balances(market: Market) -> Any:
    """What each account held at the end of the month."""
    return market.shop.get("/staff/ledger/balances", as_=market.shop.boss, until=MONTH).ok()["items"]


def close(market: Market, month: str = MONTH) -> Answer:
    return market.shop.post(f"/staff/ledger/periods/{month}/close", as_=market.shop.boss)


def post(market: Market, reference: str, **more: Any) -> Answer:
    return market.shop.post("/staff/ledger/vouchers", RENT | {"reference": reference} | more, as_=market.shop.boss)


def counted(market: Market) -> Market:
    """All that was booked is in the balances, and the month has been over for some days."""
    market.shop.pass_time(days=45)
    books.count(market.shop)
    return market


@pytest.mark.capability("ANA-14")
def test_the_income_statement_of_a_month_is_what_was_booked_in_it(market: Market) -> None:
    kept, returned = market.buy({"CUP": 3}), market.buy({"POT": 1})
    market.cancel(returned).ok()
    market.shop.drain()
    market.stripe.server.fake.tick()
    market.hear()
    post(market, "RENT-11").ok()
    books.count(market.shop)
    told = statement(market)
    assert {one["account"]: one["balance_minor"] for one in told["income"] if one["balance_minor"]} == {
        "revenue:own": 3 * 1099 + 4567,
        "refunds:own": -4567,
        "freight": 333,
    }
    assert {one["account"]: one["balance_minor"] for one in told["expenses"]} == {"other_expense": 100}
    assert (told["income_minor"], told["expense_minor"]) == (3 * 1099 + 333, 100)
    assert told["profit_minor"] == 3 * 1099 + 333 - 100
    money = {one["account"]: one for one in told["money"]}
    assert money["clearing:stripe"]["balance_minor"] == market.order(kept)["total_minor"]
    assert money["clearing:stripe"]["credit_minor"] == market.order(returned)["total_minor"]

    market.shop.pass_time(days=40)
    post(market, "RENT-12").ok()
    books.count(market.shop)
    assert statement(market) == told
    assert statement(market, NEXT)["profit_minor"] == -100


@pytest.mark.capability("ANA-14")
def test_a_statement_says_what_the_provider_has_and_took_once_its_bills_are_compared(market: Market) -> None:
    """And a month that is closed keeps it."""
    market.shop.make_queues()
    market.buy({"CUP": 3})
    market.cancel(market.buy({"POT": 1})).ok()
    market.shop.drain()
    market.hear()
    books.count(market.shop)
    before = statement(market)
    market.shop.pass_time(days=1)
    market.shop.invoke("PullBill", bills.due("2026-11-02"))
    market.shop.deliver()
    (bill,) = market.shop.get("/staff/bills", as_=market.shop.boss, month=MONTH).ok()["items"]
    assert (bill["status"], bill["matched"], bills.told(market.shop, bill["bill_id"])) == ("compared", 3, {})
    closed = close(counted(market)).ok()["statements"][0]
    money = {one["account"]: one["balance_minor"] for one in closed["money"]}
    expenses = {one["account"]: one["balance_minor"] for one in closed["expenses"]}
    (day,) = bill["sums"]
    assert money["clearing:stripe"] == market.stripe.fake.account.balances()["eur"]["balance"] == day["net_minor"]
    assert expenses["provider_fees:stripe"] == day["fees_minor"] > 0
    assert closed["profit_minor"] == before["profit_minor"] - day["fees_minor"]


@pytest.mark.capability("ANA-14")
def test_a_voucher_is_dated_in_a_month_that_is_open_and_never_ahead(market: Market) -> None:
    late = post(market, "OCT", dated="2026-10-31").ok()
    assert (late["dated"], late["at"][:10]) == ("2026-10-31", "2026-11-02")
    assert post(market, "OCT", dated="2026-10-31").ok() == late
    assert post(market, "OCT", dated="2026-10-30").status == 409
    books.count(market.shop)
    assert statement(market, "2026-10")["profit_minor"] == -100
    for never in ("2026-11-03", "2024-10-30", "0001-01-01"):
        assert (post(market, never, dated=never).status, post(market, never, dated=never)["code"]) == (
            422,
            "voucher_date",
        )


@pytest.mark.capability("ANA-14")
def test_a_closed_month_takes_nothing_more_and_its_statement_stays(market: Market) -> None:
    market.buy({"CUP": 1})
    november = post(market, "NOV").ok()
    told = statement(counted(market))
    closed = close(market).ok()
    assert closed["statements"] == [told]
    assert (closed["closed_by"], closed["closed_at"][:7]) == ("boss", NEXT)
    assert close(market).ok() == closed

    refused = post(market, "LATE", dated="2026-11-30")
    assert (refused.status, refused["code"], refused["month"]) == (409, "period_closed", MONTH)
    assert post(market, "NOV", dated=november["dated"]).ok() == november
    market.shop.post(f"/staff/ledger/vouchers/{november['voucher_id']}/void", as_=market.shop.boss).ok()
    market.buy({"CUP": 1})
    books.count(market.shop)
    assert statement(market) == told
    assert statement(market, NEXT)["income_minor"] == told["income_minor"]
    assert statement(market, NEXT)["expense_minor"] == -100
    trail = market.shop.get("/staff/audit", as_=market.shop.boss, subject=MONTH).ok()["items"]
    assert [entry["action"] for entry in trail] == ["POST /staff/ledger/periods/{month}/close"]


@pytest.mark.capability("ANA-14")
def test_a_month_is_closed_some_days_after_its_end(market: Market) -> None:
    for days in (0, 28, 2):
        market.shop.pass_time(days=days)
        refused = close(market)
        assert (refused.status, refused["code"]) == (409, "period_not_over")
        assert refused["closable_at"] == "2026-12-04T00:00:00.000Z"
    market.shop.pass_time(days=2)
    assert close(market).ok()["closed"] == 1


@pytest.mark.capability("ANA-14")
def test_months_are_closed_in_their_order_and_what_an_account_held_at_their_end_stays(market: Market) -> None:
    post(market, "OCT", dated="2026-10-31").ok()
    market.buy({"CUP": 1})
    counted(market)
    refused = close(market)
    assert (refused.status, refused["code"], refused["month"]) == (409, "earlier_period_open", "2026-10")
    close(market, "2026-10").ok()
    close(market).ok()
    told = balances(market)
    for early in ("2026-09-30", "2026-10-31", "2026-11-30"):
        assert post(market, early, dated=early)["code"] == "period_closed"
    post(market, "DEC").ok()
    books.count(market.shop)
    assert balances(market) == told


@pytest.mark.capability("ANA-14")
@pytest.mark.parametrize("first", ["voucher", "closing"])
def test_of_a_voucher_in_an_empty_month_and_the_closing_of_a_later_one_the_first_is_done(
    market: Market, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    def early() -> Answer:
        return post(market, "SEP", dated="2026-09-30")

    market.buy({"CUP": 1})
    counted(market)
    if first == "voucher":
        before_next_write(monkeypatch, lambda: early().ok(), of="AccountingPeriod")
        assert close(market)["code"] == "earlier_period_open"
    else:
        before_next_write(monkeypatch, lambda: close(market).ok(), of="Voucher")
        assert early()["code"] == "period_closed"


def test_a_bill_is_booked_in_a_month_only_as_long_as_that_cannot_be_closed() -> None:
    assert LATE < CLOSING_GRACE


@pytest.mark.capability("ANA-14")
def test_what_the_stream_has_given_up_is_counted_when_its_month_is_closed(market: Market) -> None:
    """The sale was counted, its voucher was not, nor what followed."""
    market.buy({"CUP": 1})
    books.count(market.shop)
    post(market, "NOV").ok()
    market.cancel(market.buy({"POT": 1})).ok()
    market.shop.pass_time(days=45)
    (told,) = close(market).ok()["statements"]
    assert (told["income_minor"], told["expense_minor"]) == (1099 + 333, 100)
    books.count(market.shop)
    assert statement(market) == told
    balances = books.balances([AccountBalance.model_validate(row) for row in market.shop.rows("AccountBalance")])
    assert balances == books.replay(books.entries(market.shop), "month")


@pytest.mark.capability("ANA-14")
def test_a_month_of_more_entries_than_one_request_goes_through_is_closed_by_several(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        market.buy({"CUP": 1})
        post(market, f"NOV-{number}").ok()
    counted(market)
    told = statement(market)
    monkeypatch.setattr(actions, "A_PAGE", 2)
    monkeypatch.setattr(actions, "MOST_PAGES", 3)
    answers = [close(market)]
    while answers[-1].status == 503:
        assert answers[-1]["code"] == "closing_goes_on"
        if len(answers) == 6:  # whatever day it is dated on, its month is gone through again
            post(market, "LATE", dated="2026-11-01").ok()
        answers.append(close(market))
    assert len(answers) > 15
    (whole,) = answers[-1].ok()["statements"]
    assert whole["expense_minor"] == told["expense_minor"] + 100
    assert whole["income_minor"] == told["income_minor"]
    assert answers[-1]["progress"] is None


@pytest.mark.capability("ANA-14")
def test_a_month_waits_for_a_voucher_that_the_index_does_not_show_yet(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.shop.pass_time(days=33)
    voucher = post(market, "LATE", dated="2026-11-30").ok()
    with monkeypatch.context() as patch:
        table, hidden = current.table(), f"JOURNAL#{voucher['voucher_id']}"
        query = table.query
        patch.setattr(table, "query", lambda *asked: [row for row in query(*asked) if row["PK"] != hidden])
        assert close(market)["code"] == "entries_not_counted"
    (told,) = close(market).ok()["statements"]
    assert told["expense_minor"] == 100


@pytest.mark.capability("ANA-14")
def test_a_sale_that_is_told_days_later_is_booked_when_it_is_told(market: Market) -> None:
    """It was made in a month that is closed by now."""
    store_id = market.order(market.buy({"CUP": 1}))["store_id"]
    close(counted(market)).ok()
    sale = {"sale_id": "S-1", "lines": [{"sku": "CUP", "quantity": 1}], "total_minor": 1179, "paid_by": "cash"}
    made = sale | {"store_id": store_id, "sold_at": "2026-11-30T12:00:00Z"}
    told = market.shop.post("/staff/sales/batch", {"sales": [made]}, as_=market.shop.boss).ok()["sales"]
    assert told[0]["order_id"]
    books.count(market.shop)
    assert statement(market, NEXT)["money"][0]["balance_minor"] == 1179


@pytest.mark.capability("ANA-14")
def test_months_are_head_offices_and_written_as_months(market: Market) -> None:
    shop = market.shop
    for may, ask, path in (("ledger.read", shop.get, "statements/{}"), ("ledger.write", shop.post, "periods/{}/close")):
        path = f"/staff/ledger/{path}"
        assert ask(path.format("2026-09"), as_=shop.staff(may)).status == 200
        assert ask(path.format("2026-09"), as_=shop.staff(may, stores=("sto_1",))).status == 404
        assert ask(path.format("2026-09"), as_=shop.staff("reports.read")).status == 403
        assert ask(path.format("2026-13"), as_=shop.boss).status == 422
