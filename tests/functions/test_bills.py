"""Reconciliation: the provider's bill of a day is held against what the shop has written down of its money."""

import os
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from souk.table.actions import Delete, Put
from souk.table.patterns import MONEY_CLEARED
from tests.support import bills, books, files
from tests.support.bills import DAY, NEXT, held, pull
from tests.support.disputes import decide, unheard
from tests.support.many_lines import traded, wrong
from tests.support.market import Market
from tests.support.memory import MemoryTable
from tests.support.shop import client
from tests.support.table import calls


@pytest.fixture
def market(market: Market) -> Market:
    market.shop.make_queues()
    market.goods({"CUP": 1099, "POT": 4567}, {market.store(freight_minor=333): 500})
    return market


def trade(market: Market, orders: int = 3) -> list[str]:
    """Orders of a day, the last of which is given back; their ids."""
    made = [market.buy({"CUP": number + 1}) for number in range(orders)]
    market.cancel(made[-1]).ok()
    market.shop.drain()
    market.hear()
    return made


def give_back_later(market: Market) -> None:
    """A refund that its bank is still at work on, and one that fails."""
    for card in ("pm_card_pendingRefund", "pm_card_refundFail"):
        placed = market.checkout({"POT": 1})
        market.pay(placed, card)
        market.hear()
        market.shop.drain()
        market.cancel(placed["order"]["order_id"]).ok()
        market.shop.drain()
        market.hear()


def pay_out(market: Market, amount: int) -> None:
    key = {"authorization": f"Bearer {market.stripe.fake.config.api_key}"}
    market.stripe.fake.handle("POST", "/v1/payouts", key, {"amount": str(amount), "currency": "eur"})


@pytest.mark.capability("PAY-17")
def test_the_clearing_account_is_the_providers_balance_once_its_bill_has_been_compared(market: Market) -> None:
    trade(market)
    pay_out(market, 500)
    theirs, ours = held(market)
    assert theirs != ours
    market.shop.pass_time(days=1)
    bill = pull(market)
    theirs, ours = held(market)
    assert theirs == ours
    assert (bill["status"], bill["matched"]) == ("compared", 4)
    (day,) = bill["sums"]
    assert day["net_minor"] == theirs
    booked = books.accounts(books.entries(market.shop))
    assert booked["bank"] == day["paid_out_minor"] == 500
    assert booked["provider_fees:stripe"] == day["fees_minor"] > 0
    assert bills.told(market.shop, bill["bill_id"]) == {}


@pytest.mark.capability("PAY-17")
def test_a_line_too_many_too_few_or_with_another_amount_is_a_task_of_who_sent_the_bill(market: Market) -> None:
    trade(market)
    market.shop.pass_time(days=1)
    lines = bills.transactions(market)
    lost, changed, refund = (one["source_id"] for one in (lines[0], lines[1], lines[-1]))
    assert lines[-1]["reporting_category"] == "refund"
    lines[1] |= {"gross": "0.50", "net": "0.20", "fee": "0.30", "customer_facing_amount": "0.50"}
    foreign = lines[2] | {"balance_transaction_id": "txn_x", "source_id": "ch_of_nobody"}
    bill = bills.sent(market.shop, bills.of_stripe([*lines[1:-1], foreign]), DAY)
    assert bills.told(market.shop, bill["bill_id"]) == {
        lost: "missing_there",
        changed: "amount_differs",
        "ch_of_nobody": "missing_here",
        refund: "missing_there",
    }
    found = bills.differences(market.shop, bill["bill_id"])
    assert {one["owner"] for one in found} == {"boss"}
    assert {one["order_id"] is None for one in found if one["kind"] != "missing_here"} == {False}
    by_status = market.shop.get("/staff/differences", as_=market.shop.boss, provider="stripe").ok()["items"]
    asked: dict[str, Any] = {"provider": "stripe", "limit": 1}
    one_by_one: list[dict[str, Any]] = []
    while asked.get("cursor", "first"):
        page = market.shop.get("/staff/differences", as_=market.shop.boss, **asked).ok()
        one_by_one += page["items"]
        asked["cursor"] = page["next_cursor"]
    assert one_by_one == by_status
    assert sorted(by_status, key=str) == sorted(found, key=str)


@pytest.mark.capability("PAY-17")
def test_the_same_file_twice_changes_nothing_and_a_corrected_one_says_it_anew(market: Market) -> None:
    trade(market)
    market.shop.pass_time(days=1)
    right, wrong = bills.transactions(market), bills.transactions(market)
    wrong[0] |= {"fee": "0.01", "net": str(float(wrong[0]["gross"]) - 0.01)}
    del wrong[1]
    first = bills.sent(market.shop, bills.of_stripe(wrong), DAY)
    before = [market.shop.rows(kind) for kind in ("JournalEntry", "Difference")]
    again = bills.sent(market.shop, bills.of_stripe(wrong), DAY)
    assert [market.shop.rows(kind) for kind in ("JournalEntry", "Difference")] == before
    assert again["bill_id"] == first["bill_id"] and again["sums"] == first["sums"]

    bill = bills.sent(market.shop, bills.of_stripe(right), DAY)
    assert bills.differences(market.shop, bill["bill_id"]) == []
    theirs, ours = held(market)
    assert theirs == ours


@pytest.mark.capability("PAY-17")
def test_a_notice_that_comes_twice_is_read_once(market: Market) -> None:
    trade(market)
    market.shop.pass_time(days=1)
    content = bills.of_stripe(bills.transactions(market)[1:])
    files.send_up(bills.ask(market.shop, len(content), DAY), content)
    (told,) = (one for one in files.messages("Bills", 10) if "Records" in one["body"])
    market.shop.invoke("ReadBill", {"Records": [told]})
    assert market.shop.rows("Difference")
    with market.shop.unchanged():
        assert market.shop.invoke("ReadBill", {"Records": [told]}) == {"batchItemFailures": []}


@pytest.mark.capability("PAY-17")
def test_what_nobody_can_explain_is_written_off_with_a_reason_and_taken_back_if_the_bill_is_corrected(
    market: Market,
) -> None:
    trade(market)
    market.shop.pass_time(days=1)
    right = bills.transactions(market)
    foreign = right[0] | {"balance_transaction_id": "txn_x", "source_id": "ch_x", "gross": "7.00", "net": "6.00"}
    foreign |= {"fee": "1.00", "customer_facing_amount": "7.00"}
    bill = bills.sent(market.shop, bills.of_stripe([*right, foreign]), DAY)
    (task,) = bills.differences(market.shop, bill["bill_id"])
    path, boss = f"/staff/differences/{bill['bill_id']}/{task['difference_id']}", market.shop.boss
    assert market.shop.post(f"{path}/assign", {"owner": "rita"}, as_=boss).ok()["owner"] == "rita"
    said = {"reason": "tested on the live account", "write_off": True}
    settled = market.shop.post(f"{path}/resolve", said, as_=boss).ok()
    assert (settled["status"], settled["reason"], settled["resolved_by"]) == ("resolved", said["reason"], "boss")
    assert market.shop.post(f"{path}/resolve", said, as_=boss).status == 409
    booked = books.accounts(books.entries(market.shop))
    assert (booked["other_income"], held(market)[1] - held(market)[0]) == (-700, 600)

    bills.sent(market.shop, bills.of_stripe(right), DAY)
    assert books.accounts(books.entries(market.shop))["other_income"] == 0
    assert held(market)[0] == held(market)[1]


@pytest.mark.capability("PAY-17")
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_wrong_with_a_bill_each_transaction_is_told_for_what_it_is(market: Market, seed: int) -> None:
    """And what is open is by how much the books and the bill differ."""
    chance = Random(seed)
    trade(market, orders=6)
    market.shop.pass_time(days=1)
    lines, expected = [], dict[str, str]()
    for one in bills.transactions(market):
        fate = chance.choice(["kept", "lost", "twice", "less"])
        if fate != "lost":
            lines.append(one)
        if fate == "twice":
            lines.append(one | {"balance_transaction_id": f"{one['balance_transaction_id']}_2"})
        if fate == "less":
            smaller = {"gross": "1.00", "fee": "0.00", "net": "1.00", "customer_facing_amount": "1.00"}
            lines[-1] = one | smaller
        if fate != "kept":
            expected[one["source_id"]] = "missing_there" if fate == "lost" else "amount_differs"
    chance.shuffle(lines)
    bill = bills.sent(market.shop, bills.of_stripe(lines), DAY)
    assert bills.told(market.shop, bill["bill_id"]) == expected
    found = bills.differences(market.shop, bill["bill_id"])
    over = sum((one["theirs"] or {"minor": 0})["minor"] - (one["ours"] or {"minor": 0})["minor"] for one in found)
    net = sum(one["net_minor"] for one in bill["sums"])
    assert net - held(market)[1] == over


@pytest.mark.capability("PAY-17")
def test_a_refund_that_comes_back_and_a_dispute_are_lines_like_any_other(market: Market) -> None:
    give_back_later(market)
    market.shop.pass_time(hours=1)
    market.stripe.fake.tick()
    market.hear()
    market.buy({"CUP": 1})
    dispute = unheard(market)
    market.hear()
    market.shop.pass_time(days=1)
    bill = pull(market)
    assert bills.differences(market.shop, bill["bill_id"]) == []
    theirs, ours = held(market)
    assert theirs == ours
    decide(market, dispute, "won")
    market.hear()
    market.shop.pass_time(days=1)
    assert bills.differences(market.shop, pull(market)["bill_id"]) == []
    theirs, ours = held(market)
    assert theirs == ours


@pytest.mark.capability("PAY-17")
def test_what_the_shop_pays_in_from_its_bank_is_no_income(market: Market) -> None:
    """Stripe calls it a top-up; it is a payout the other way round."""
    market.shop.pass_time(days=1)
    paid_in = {"reporting_category": "topup", "source_id": "tu_1", "gross": "50.00", "fee": "0.00", "net": "50.00"}
    at = {"balance_transaction_id": "txn_1", "created_utc": f"{DAY} 10:00:00", "currency": "eur"}
    bill = bills.sent(market.shop, bills.of_stripe([paid_in | at]), DAY)
    assert (bill["sums"][0]["paid_out_minor"], bills.told(market.shop, bill["bill_id"])) == (-5000, {})
    assert books.accounts(books.entries(market.shop)) == {"clearing:stripe": 5000, "bank": -5000}


@pytest.mark.capability("PAY-17")
def test_a_bill_that_is_wrong_as_a_whole_books_nothing_and_says_why(market: Market) -> None:
    trade(market)
    market.shop.pass_time(days=1)
    lines = bills.transactions(market)
    right = bills.of_stripe(lines)
    strange = {
        "no bill at all": (b"sku,price\nA,1\n", "reporting_category"),
        "nothing": (b"", "reporting_category"),
        "another day": (right.replace(DAY.encode(), NEXT.encode()), DAY),
        "a sum that is not one": (bills.of_stripe([lines[0] | {"net": "9.99"}]), "net"),
        "no amount": (bills.of_stripe([lines[0] | {"gross": "1e3"}]), "amount"),
        "no number": (bills.of_stripe([lines[0] | {"source_id": "a#b"}]), "number"),
        "no currency": (bills.of_stripe([lines[0] | {"currency": "euro"}]), "currency"),
        "half a line": (right[:-30], "cells"),
        "a column twice": (right.replace(b"available_on_utc", b"fee", 1), "fee is there twice"),
        "a picture": (b"\x89PNG\r\n\x1a\n" + right, "utf-8"),
        "a quote without end": (right + b'"x,' * 3, "CSV"),
    }
    before = market.shop.rows("JournalEntry")
    for what, (content, word) in strange.items():
        found = bills.sent(market.shop, content or b"\n", DAY)
        assert found["status"] == "refused" and word in found["refused"], (what, found)
    assert market.shop.rows("JournalEntry") == before and market.shop.rows("Difference") == []
    assert bills.sent(market.shop, right, DAY)["status"] == "compared"


@pytest.mark.capability("PAY-17")
def test_a_day_that_is_not_over_has_no_bill_yet(market: Market) -> None:
    for provider, status in (("stripe", 422), ("wechat_pay", 422)):
        said = {"provider": provider, "day": DAY, "bytes": 9}
        assert market.shop.post("/staff/bills", said, as_=market.shop.boss).status == status
    market.shop.pass_time(hours=7, minutes=1)  # midnight in Beijing
    assert market.shop.post("/staff/bills", said, as_=market.shop.boss).status == 201


@pytest.mark.capability("PAY-17")
def test_a_bill_whose_file_is_gone_stays_as_it_was_compared(market: Market) -> None:
    found = bills.differing(market.shop)
    gone = f"bills/{found['bill_id']}.csv"
    client("s3").delete_object(Bucket=os.environ["FILES_BUCKET"], Key=gone)
    with market.shop.unchanged():
        again = market.shop.post(f"/staff/bills/{found['bill_id']}/compare", as_=market.shop.boss)
        assert (again.status, again["code"]) == (409, "not_uploaded")


@pytest.mark.capability("PAY-17")
def test_a_bill_is_compared_again_with_what_the_shop_knows_by_now(market: Market) -> None:
    placed = market.checkout({"CUP": 1})
    market.pay(placed)
    content = bills.of_stripe(bills.transactions(market))
    market.shop.pass_time(days=1)
    bill = bills.sent(market.shop, content, DAY)
    assert len(bills.told(market.shop, bill["bill_id"])) == 1
    market.hear()
    for status in ("waiting", "waiting"):
        again = market.shop.post(f"/staff/bills/{bill['bill_id']}/compare", as_=market.shop.boss)
        assert (again.status, again["status"]) == (202, status)
    market.shop.deliver()
    compared = bills.bill(market.shop, bill["bill_id"])
    assert (compared["status"], compared["sums"]) == ("compared", bill["sums"])
    assert len(bills.told(market.shop, bill["bill_id"])) == 1  # what was heard today is today's


@pytest.mark.capability("PAY-17")
def test_lines_that_agree_cost_no_write_and_their_number_only_some_reads(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make bills` does the same with 100,000."""
    content = wrong(traded(1_500), faults=3)
    ticket = bills.ask(market.shop, len(content), "2026-11-01")
    files.send_up(ticket, content)
    made = calls(monkeypatch)
    bills.read(market.shop, ticket["bill_id"])
    assert bills.bill(market.shop, ticket["bill_id"])["matched"] == 1_497
    writes, asked = made.count("write"), made.count("query")
    assert writes == 3 + 1 and asked == MONEY_CLEARED.shards + 2, made


@pytest.mark.capability("FX-03")
def test_an_account_in_another_currency_holds_in_the_books_what_it_holds_and_the_rest_is_exchange(
    market: Market,
) -> None:
    """The report ties to what came to the bank, and so do fees and what was gained or lost."""
    market.stripe.control("config", settles_in="gbp", rates={"eur": "0.86"})
    placed = trade(market)
    market.shop.pass_time(hours=1)
    market.stripe.control("config", rates={"eur": "0.85"})
    market.cancel(placed[0]).ok()
    market.shop.drain()
    market.hear()
    key = {"authorization": f"Bearer {market.stripe.fake.config.api_key}"}
    market.stripe.fake.handle("POST", "/v1/payouts", key, {"amount": "700", "currency": "gbp"})
    market.shop.pass_time(days=1)
    bill = pull(market)
    assert bills.told(market.shop, bill["bill_id"]) == {}

    booked = {
        currency: books.accounts(one for one in books.entries(market.shop) if one["currency"] == currency)
        for currency in ("EUR", "GBP")
    }
    pounds = booked["GBP"]
    assert booked["EUR"]["clearing:stripe"] == 0
    assert pounds["clearing:stripe"] == market.stripe.fake.account.balances()["gbp"]["balance"]
    sums = {one["currency"]: one for one in bill["sums"]}
    assert pounds["bank"] == sums["GBP"]["paid_out_minor"] == 700
    assert pounds["provider_fees:stripe"] == sums["GBP"]["fees_minor"] > 0
    # Two orders are given back in full, one of them at a worse rate: what is left of the third and that loss.
    assert booked["EUR"]["exchange"] == market.order(placed[1])["total_minor"]
    assert -pounds["exchange"] == sums["GBP"]["received_minor"] - sums["GBP"]["paid_back_minor"]


@pytest.mark.capability("PAY-17")
def test_wherever_the_comparison_breaks_off_it_ends_as_if_it_had_not(market: Market) -> None:
    """After each of its calls to the table, once; the second of two days, which settles what the first left open."""
    placed = market.checkout({"CUP": 1})
    market.shop.pass_time(hours=14, minutes=59)
    market.pay(placed)
    market.shop.pass_time(minutes=2)
    market.hear()
    market.buy({"POT": 1})
    market.shop.pass_time(days=2)
    pull(market)
    content = bills.of_stripe([bills.FOREIGN | {"created_utc": f"{NEXT} 10:00:00"}])
    ticket = bills.ask(market.shop, len(content), NEXT)
    files.send_up(ticket, content)
    table, bill_id = market.shop.table, ticket["bill_id"]
    assert isinstance(table, MemoryTable)
    before = dict(table.rows)

    def outcome(breaks_after: int) -> tuple[int, Any]:
        made_since = [Delete(at, ()) for at in table.rows.keys() - before.keys()]
        table.write([*made_since, *(Put(row, ()) for row in before.values())], "")
        with pytest.MonkeyPatch.context() as patch:
            made = calls(patch, of="ReadBill", then=lambda number: breaks(number == breaks_after))
            with suppress(AssertionError):
                bills.read(market.shop, bill_id)
        bills.read(market.shop, bill_id)
        kinds = ("Bill", "Difference", "JournalEntry")
        return len(made), [[forgotten(row) for row in market.shop.rows(kind)] for kind in kinds]

    number, whole = outcome(0)
    assert [len(rows) for rows in whole][:2] == [2, 4] and number > 20
    for position in range(1, number + 1):
        assert outcome(position)[1] == whole, position


def breaks(now: bool) -> None:
    if now:
        raise ConnectionError("the function has run out of time")


def forgotten(row: dict[str, Any]) -> dict[str, Any]:
    """Without how often it was written."""
    return {name: value for name, value in row.items() if name != "version"}
