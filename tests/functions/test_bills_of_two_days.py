"""What a provider and the shop tell on different days: bills that know of each other's halves."""

from decimal import Decimal
from typing import Any

import pytest

from souk.domains.reconciliation import store as reconciliation
from tests.support import bills, books
from tests.support.bills import DAY, NEXT, held, pull
from tests.support.disputes import decide, unheard
from tests.support.market import Market


@pytest.fixture
def market(market: Market) -> Market:
    market.shop.make_queues()
    market.goods({"CUP": 1099}, {market.store(freight_minor=333): 500})
    return market


def paid_at_midnight(market: Market) -> list[dict[str, Any]]:
    """The line of an order that the provider has on one day, and the shop on the next."""
    placed = market.checkout({"CUP": 1})
    market.shop.pass_time(hours=14, minutes=59)
    market.pay(placed)
    market.shop.pass_time(minutes=2)
    market.hear()
    market.shop.pass_time(days=2)
    return bills.transactions(market)


def other(line: dict[str, Any], gross: str, shown: str) -> dict[str, Any]:
    net = str(Decimal(gross) - Decimal(line["fee"]))
    return line | {"gross": gross, "net": net, "customer_facing_amount": shown}


def settled(market: Market, *found: dict[str, Any]) -> bool:
    told = [one["status"] for bill in found for one in bills.differences(market.shop, bill["bill_id"])]
    theirs, ours = held(market)
    return told == ["resolved"] * len(found) and theirs == ours


@pytest.mark.capability("PAY-17")
def test_what_the_two_tell_on_different_days_is_settled_by_the_second_ones_bill(market: Market) -> None:
    lines = paid_at_midnight(market)
    first = pull(market)
    assert list(bills.told(market.shop, first["bill_id"]).values()) == ["missing_here"]
    second = pull(market, NEXT)
    for bill in (first, second):
        (one,) = bills.differences(market.shop, bill["bill_id"])
        assert (one["status"], one["resolved_by"]) == ("resolved", "system")
    assert settled(market, first, second)

    # A corrected bill that knows nothing of it opens it again on both sides, and one that has it settles both anew.
    bills.sent(market.shop, bills.of_stripe([]), DAY)
    (one,) = bills.differences(market.shop, second["bill_id"])
    assert (one["status"], one["kind"], one["partners"]) == ("open", "missing_there", [])
    bills.sent(market.shop, bills.of_stripe(lines), DAY)
    assert settled(market, first, second)


@pytest.mark.capability("PAY-17")
@pytest.mark.parametrize("corrected", ["file", "first", "second"])
def test_halves_that_were_open_and_make_up_one_transaction_by_now_are_settled(market: Market, corrected: str) -> None:
    """By a corrected file; or by another look at either, where both bills were read at once and knew of no other."""
    [line] = paid_at_midnight(market)
    wrong = [other(line, "9.99", "9.99")] if corrected == "file" else []
    first = bills.sent(market.shop, bills.of_stripe(wrong), DAY)
    second = bills.sent(market.shop, bills.of_stripe([]), NEXT)
    if corrected != "file":
        with pytest.MonkeyPatch.context() as blind:
            blind.setattr(reconciliation, "partners", lambda provider, but: {})
            bills.sent(market.shop, bills.of_stripe([line]), DAY)
    assert not settled(market, first, second)
    if corrected == "file":
        bills.sent(market.shop, bills.of_stripe([line]), DAY)
    else:
        bill_id = (first if corrected == "first" else second)["bill_id"]
        market.shop.post(f"/staff/bills/{bill_id}/compare", as_=market.shop.boss).ok()
        bills.read(market.shop, bill_id)
    assert settled(market, first, second)


@pytest.mark.capability("PAY-17")
@pytest.mark.capability("FX-03")
def test_a_corrected_bill_that_still_makes_up_one_transaction_with_another_leaves_both_settled(market: Market) -> None:
    [line] = paid_at_midnight(market)
    less = other(line, str(Decimal(line["gross"]) - 1), line["customer_facing_amount"])
    first = bills.sent(market.shop, bills.of_stripe([less]), DAY)
    second = bills.sent(market.shop, bills.of_stripe([]), NEXT)
    theirs, ours = held(market)
    assert (ours, books.accounts(books.entries(market.shop))["exchange"]) == (theirs - 100, 100)
    bills.sent(market.shop, bills.of_stripe([line]), DAY)
    assert settled(market, first, second)
    assert books.accounts(books.entries(market.shop))["exchange"] == 0


@pytest.mark.capability("PAY-17")
def test_a_dispute_that_is_heard_of_and_decided_a_day_late_is_one_transaction_of_three_days(market: Market) -> None:
    dispute = unheard(market)
    market.shop.pass_time(days=1)
    market.hear()
    decide(market, dispute, "won")
    market.shop.pass_time(days=1)
    market.hear()
    market.shop.pass_time(days=1)
    days = [pull(market, day) for day in (DAY, NEXT, "2026-11-04")]
    found = [one for bill in days for one in bills.differences(market.shop, bill["bill_id"])]
    assert [one["kind"] for one in found] == ["missing_here", "amount_differs", "missing_there"]
    assert [(one["status"], one["resolved_by"], len(one["partners"])) for one in found] == [
        ("resolved", "system", 2)
    ] * 3
    theirs, ours = held(market)
    assert theirs == ours

    # What a corrected bill leaves out is open again on all of them.
    bills.sent(market.shop, bills.of_stripe([]), NEXT)
    left = [one for bill in days for one in bills.differences(market.shop, bill["bill_id"])]
    assert {(one["status"], len(one["partners"])) for one in left} == {("open", 0)}


@pytest.mark.capability("PAY-17")
@pytest.mark.capability("FX-03")
def test_of_a_transaction_that_lies_on_accounts_of_two_currencies_each_is_booked_on_its_own(market: Market) -> None:
    """Taken back in euros, and won in pounds a day later, of which nothing was heard."""
    dispute = unheard(market)
    market.shop.pass_time(days=1)
    market.stripe.control("config", settles_in="gbp", rates={"eur": "0.85"})
    decide(market, dispute, "won")
    market.shop.pass_time(days=1)
    days = [pull(market, day) for day in (DAY, NEXT)]
    found = [one for bill in days for one in bills.differences(market.shop, bill["bill_id"])]
    assert [(one["status"], one["theirs"]["account_currency"]) for one in found] == [
        ("resolved", "EUR"),
        ("resolved", "GBP"),
    ]
    for currency, account in market.stripe.fake.account.balances().items():
        booked = books.accounts(one for one in books.entries(market.shop) if one["currency"] == currency.upper())
        assert booked["clearing:stripe"] == account["balance"]
