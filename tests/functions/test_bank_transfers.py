"""Orders that are paid by bank transfer: what comes is matched by its reference, and what goes back is sent by hand."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.domains.payments.model import payment
from souk.domains.payments.model.references import creditor_reference, numbers_in
from souk.flows import bank_transfers
from souk.gateways.providers import PaymentProviderUnavailable
from souk.kernel import clock, ids
from tests.support.bank_transfers import ACCOUNT, DAYS, balance, enter, market, place, state
from tests.support.market import INES, OTTO, Market
from tests.support.shop import Answer

__all__ = ["market"]


def to_send(market: Market) -> list[dict[str, Any]]:
    found = market.shop.get("/staff/bank-transfers/refunds", as_=market.shop.boss).ok()["items"]
    return [{name: one[name] for name in ("order_id", "refund_id", "amount_minor", "status")} for one in found]


def send(market: Market, refund: dict[str, Any], reference: str = "OUT-1") -> Answer:
    path = f"/staff/bank-transfers/refunds/{refund['order_id']}/{refund['refund_id']}/sent"
    answer = market.shop.post(path, {"bank_reference": reference}, as_=market.shop.boss)
    market.shop.drain()
    return answer


@pytest.mark.capability("PAY-06")
def test_a_transfer_with_the_reference_pays_the_order(market: Market) -> None:
    order_id, told = place(market)
    assert (told["amount"], told["currency"], told["holder"], told["number"]) == (
        "20.00",
        "EUR",
        *map(ACCOUNT.get, ("holder", "number")),
    )
    assert state(market, order_id) == ("awaiting_payment", "awaiting")
    market.shop.pass_time(days=3)
    assert state(market, order_id) == ("awaiting_payment", "awaiting")

    spaced = " ".join(told["reference"][start : start + 4] for start in range(0, 25, 4))
    entered = enter(market, 2000, f"cups {spaced} thank you").ok()
    assert (entered["status"], entered["order_id"], entered["outcome"]) == ("matched", order_id, "PaymentCaptured")
    assert state(market, order_id) == ("paid", "captured")
    assert balance(market) == {"bank": 2000, "suspense": 0, "refunds_payable": 0}
    money = market.money(order_id)
    assert [(event["kind"], event["method"]) for event in money["events"]] == [("charge", "bank_transfer")]
    assert len(market.shop.facts("OrderPaid")) == 1


@pytest.mark.capability("PAY-06")
def test_a_transfer_that_is_told_twice_counts_once(market: Market) -> None:
    _, told = place(market)
    first, *again = (enter(market, 2000, told["reference"], as_) for as_ in ("BK 7/a", "BK 7/a", "bk  7/A", "BK7/a"))
    assert all(one.ok() == first.ok() for one in again)
    for other in (
        enter(market, 1999, told["reference"], "BK 7/a"),
        enter(market, 2000, told["reference"], "BK 7/a", received_on="2026-10-20"),
    ):
        assert (other.status, other["code"]) == (409, "transfer_reference_used")
    assert enter(market, 2000, told["reference"], "BK 7/a ").status == 422
    assert balance(market) == {"bank": 2000, "suspense": 0, "refunds_payable": 0}


@pytest.mark.capability("PAY-06")
def test_too_little_waits_for_the_rest_and_the_buyer_is_asked_for_it(market: Market) -> None:
    order_id, told = place(market)
    assert enter(market, 1500, told["reference"])["outcome"] == "PaymentFellShort"
    assert state(market, order_id) == ("awaiting_payment", "awaiting")
    assert balance(market) == {"bank": 1500, "suspense": -1500, "refunds_payable": 0}
    assert market.shop.get(f"/me/payments/{order_id}", as_=INES)["received_minor"] == 1500
    asked = market.shop.post("/me/payments", {"order_id": order_id}, as_=INES).ok()["action"]
    assert (asked["amount"], asked["reference"]) == ("5.00", told["reference"])
    written = market.shop.get("/me/messages", as_=INES).ok()["items"]
    assert any("5.00" in one["text"]["en"] for one in written if "missing" in one["title"]["en"])

    assert enter(market, 600, told["reference"])["outcome"] == "PaymentCaptured"
    assert state(market, order_id) == ("paid", "captured")
    (over,) = to_send(market)
    assert (over["amount_minor"], over["status"]) == (100, "awaiting")
    assert balance(market) == {"bank": 2100, "suspense": 0, "refunds_payable": -100}


@pytest.mark.capability("PAY-06")
def test_what_is_beyond_goes_back_by_hand_and_is_ticked_off_once(market: Market) -> None:
    order_id, told = place(market)
    enter(market, 2500, told["reference"])
    assert state(market, order_id) == ("paid", "captured")
    (over,) = to_send(market)
    for _ in range(2):
        posted = send(market, over).ok()
        assert (posted["status"], posted["provider_id"], posted["amount_minor"]) == ("posted", "OUT-1", 500)
    assert send(market, over, "OUT-2").status == 409
    assert to_send(market) == []
    assert balance(market) == {"bank": 2000, "suspense": 0, "refunds_payable": 0}
    balances = market.money(order_id)["balances"]
    assert (balances["charged_minor"], balances["refunded_minor"], balances["pending_minor"]) == (2500, 500, 0)


@pytest.mark.capability("PAY-06")
def test_a_paid_order_that_is_cancelled_is_paid_back_by_hand(market: Market) -> None:
    order_id, told = place(market)
    enter(market, 2000, told["reference"])
    market.cancel(order_id).ok()
    market.shop.drain()
    market.shop.invoke("PollPayments", {})
    (owed,) = to_send(market)
    assert (owed["amount_minor"], owed["status"]) == (2000, "awaiting")
    send(market, owed).ok()
    assert balance(market) == {"bank": 0, "suspense": 0, "refunds_payable": 0}
    assert market.stock("CUP")["reserved"] == 0


@pytest.mark.capability("PAY-06")
def test_a_case_is_refunded_when_staff_have_sent_the_money(market: Market) -> None:
    order_id, told = place(market)
    enter(market, 2000, told["reference"])
    market.prepare(order_id)
    market.ship(order_id).ok()
    market.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
    wish = {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "damaged"}
    case_id = market.shop.post("/me/refunds", wish, as_=INES).ok()["case_id"]
    market.shop.post(f"/staff/refunds/{case_id}/approve", as_=market.shop.boss).ok()
    market.shop.drain()
    assert market.shop.get(f"/me/refunds/{case_id}", as_=INES)["status"] == "refunding"
    (owed,) = to_send(market)
    assert owed["amount_minor"] == 1000
    send(market, owed).ok()
    assert market.shop.get(f"/me/refunds/{case_id}", as_=INES)["status"] == "refunded"
    assert balance(market) == {"bank": 1000, "suspense": 0, "refunds_payable": 0}


@pytest.mark.capability("PAY-06")
def test_what_broke_off_when_it_was_entered_is_credited_when_it_is_told_again(market: Market) -> None:
    order_id, told = place(market)
    with patch.object(bank_transfers, "match", side_effect=PaymentProviderUnavailable):
        assert enter(market, 2000, told["reference"], "BK-1").status == 503
    assert balance(market) == {"bank": 2000, "suspense": -2000, "refunds_payable": 0}
    assert enter(market, 2000, told["reference"], "BK-1")["order_id"] == order_id
    assert state(market, order_id) == ("paid", "captured")
    assert balance(market) == {"bank": 2000, "suspense": 0, "refunds_payable": 0}


@pytest.mark.capability("PAY-06")
def test_when_its_days_are_over_the_goods_are_free_and_what_had_come_goes_back(market: Market) -> None:
    order_id, told = place(market)
    enter(market, 700, told["reference"])
    market.shop.pass_time(seconds=DAYS)
    market.shop.invoke("CloseUnpaid", {"order_id": order_id})
    market.shop.drain()
    assert state(market, order_id) == ("cancelled", "voided")
    assert market.stock("CUP")["reserved"] == 0
    (owed,) = to_send(market)
    assert owed["amount_minor"] == 700
    send(market, owed).ok()
    assert balance(market) == {"bank": 0, "suspense": 0, "refunds_payable": 0}


@pytest.mark.capability("PAY-06")
@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("left", [True, False])
def test_a_transfer_that_comes_late_brings_the_order_back_or_goes_back(market: Market, left: bool) -> None:
    order_id, told = place(market)
    market.shop.invoke("CloseUnpaid", {"order_id": order_id})
    market.shop.drain()
    if not left:
        market.buy({"CUP": 9}, by=OTTO)
    before = balance(market)["bank"]
    assert enter(market, 2300, told["reference"])["outcome"] == "LatePayment"
    assert state(market, order_id) == (("paid", "captured") if left else ("cancelled", "voided"))
    assert sorted(one["amount_minor"] for one in to_send(market)) == ([300] if left else [300, 2000])
    for refund in to_send(market):
        send(market, refund).ok()
    assert balance(market) == {"bank": before + (2000 if left else 0), "suspense": 0, "refunds_payable": 0}


@pytest.mark.capability("PAY-06")
def test_a_late_transfer_that_is_told_again_raises_no_second_alarm(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    by_card = market.buy({"CUP": 1})
    number = market.order(by_card)["number"]
    capsys.readouterr()
    for counted in (1, 0, 0):
        enter(market, 1000, f"order {number}", "BK-9").ok()
        assert capsys.readouterr().out.count('"LatePayment":[1.0]') == counted


@pytest.mark.capability("PAY-06")
def test_a_transfer_pays_the_order_however_often_its_buyer_has_tried_otherwise(market: Market) -> None:
    with patch.object(payment, "MOST_ATTEMPTS", 1):
        order_id = market.place({"CUP": 2})
        number = market.order(order_id)["number"]
        assert enter(market, 2000, f"order {number}")["outcome"] == "PaymentCaptured"
    assert state(market, order_id) == ("paid", "captured")


@pytest.mark.capability("PAY-06")
def test_what_came_beyond_is_no_money_of_an_order_that_is_refunded_first(market: Market) -> None:
    order_id, told = place(market)
    enter(market, 2500, told["reference"])
    market.cancel(order_id).ok()
    market.shop.drain()
    for refund in to_send(market):
        send(market, refund, f"OUT-{refund['amount_minor']}").ok()
    told_of = [fact for fact in market.shop.facts("RefundPosted") if fact["sale"]]
    assert [(fact["amount_minor"], fact["sale"]["first"]) for fact in told_of] == [(2000, True)]


@pytest.mark.capability("PAY-06")
def test_an_order_that_was_placed_for_a_transfer_is_paid_otherwise_once_there_is_no_account(market: Market) -> None:
    wish = {"key": "once", "quote_id": market.quote({"CUP": 2}).ok()["quote_id"]}
    order_id, _ = place(market, **wish)
    market.set_up(bank_account=None)
    assert place(market, **wish) == (order_id, {})
    refused = market.shop.post("/me/payments", {"order_id": order_id}, as_=INES)
    assert (refused.status, refused["code"]) == (422, "payment_method_off")
    assert market.shop.post("/me/payments", {"order_id": order_id, "method": "card"}, as_=INES).status == 200


@pytest.mark.capability("PAY-06")
def test_an_order_that_is_paid_already_gives_back_whatever_comes_for_it_again(market: Market) -> None:
    by_card = market.buy({"CUP": 1})
    by_bank, told = place(market, 1)
    enter(market, 1000, told["reference"])
    for order_id in (by_card, by_bank):
        number = market.order(order_id)["number"]
        assert enter(market, 1000, f"order {number}")["outcome"] == "LatePayment"
        assert state(market, order_id) == ("paid", "captured")
    assert [one["amount_minor"] for one in to_send(market)] == [1000, 1000]
    assert balance(market) == {"bank": 3000, "suspense": 0, "refunds_payable": -2000}


@pytest.mark.capability("PAY-06")
def test_what_names_no_order_waits_on_suspense_until_staff_resolve_it(market: Market) -> None:
    order_id, told = place(market)
    wrong = told["reference"][:-1] + ("2" if told["reference"][-1] != "2" else "3")
    unknown, other = enter(market, 2000, wrong).ok(), enter(market, 50).ok()
    dollars = enter(market, 2000, told["reference"], currency="USD").ok()
    assert {one["status"] for one in (unknown, other, dollars)} == {"unmatched"}
    assert state(market, order_id) == ("awaiting_payment", "awaiting")
    path = "/staff/bank-transfers"
    waiting = market.shop.get(path, as_=market.shop.boss).ok()["items"]
    assert {one["transfer_id"] for one in waiting} == {one["transfer_id"] for one in (unknown, other, dollars)}

    number = {"number": market.order(order_id)["number"]}
    foreign = market.shop.post(f"{path}/{dollars['transfer_id']}/match", number, as_=market.shop.boss)
    assert (foreign.status, foreign["code"]) == (422, "other_currency")
    for _ in range(2):
        matched = market.shop.post(f"{path}/{unknown['transfer_id']}/match", number, as_=market.shop.boss).ok()
        assert (matched["status"], matched["order_id"]) == ("matched", order_id)
    assert state(market, order_id) == ("paid", "captured")
    for one in (other, dollars):
        for _ in range(2):
            said = {"bank_reference": f"OUT-{one['bank_reference']}"}
            back = market.shop.post(f"{path}/{one['transfer_id']}/send-back", said, as_=market.shop.boss).ok()
            assert back["status"] == "sent_back"
    assert market.shop.post(f"{path}/{other['transfer_id']}/match", number, as_=market.shop.boss).status == 409
    assert balance(market) == {"bank": 2000, "suspense": 0, "refunds_payable": 0}


@pytest.mark.capability("PAY-06")
def test_a_statement_is_entered_line_by_line_and_again_changes_nothing(market: Market) -> None:
    (first, told), (second, also) = place(market), place(market, 1, by=OTTO)
    lines = [
        "bank_reference;received_on;amount;currency;text;balance",
        f"ST-1;2026-11-02;20.00;EUR;{told['reference']};20.00",
        "ST-2;2026-11-02;-3.50;EUR;fees of the bank;16.50",
        f'ST-3;2026-11-02;10.00;EUR;"for {also["reference"]}; cups";26.50',
        "ST-4;2026-11-02;5;EUR;;31.50",
    ]
    sheet = {"csv": "\r\n".join(lines)}
    for _ in range(2):
        entered = market.shop.post("/staff/bank-transfers/statement", sheet, as_=market.shop.boss).ok()["items"]
        assert [one["line"] for one in entered] == [2, 4, 5]
        assert [one["transfer"]["order_id"] for one in entered] == [first, second, None]
        market.shop.drain()
    assert {state(market, one) for one in (first, second)} == {("paid", "captured")}
    assert balance(market) == {"bank": 3500, "suspense": -500, "refunds_payable": 0}


@pytest.mark.capability("PAY-06")
@pytest.mark.parametrize(
    "csv",
    [
        "bank_reference,amount\nST-1,2.00",
        "bank_reference,received_on,amount,currency\nST-1,2026-11-02,2.00,EUR\nST-2,2026-11-02,much,EUR",
        "bank_reference,received_on,amount,currency\nST-1,2026-11-02,2.00,EUR\nST-2,2026-11-02,7.005,EUR",
        "bank_reference,received_on,amount,currency\nST-1,2026-11-02,2.00,EUR\nST-2,yesterday,2.00,EUR",
        "bank_reference,received_on,amount,currency\nST-1,2026-11-02,2.00,EUR\nST-2,2026-11-02,2.00,euro",
        "bank_reference,received_on,amount,currency\nST-1,2026-11-02,2.00,EUR\nST-2,2026-11-02",
        "\x00",
    ],
)
def test_a_statement_with_a_wrong_line_enters_none(market: Market, csv: str) -> None:
    refused = market.shop.post("/staff/bank-transfers/statement", {"csv": csv}, as_=market.shop.boss)
    assert refused.status == 422
    assert market.shop.rows("BankTransfer") == []


@pytest.mark.capability("PAY-06")
def test_who_chose_a_transfer_may_pay_by_card_after_all_and_what_is_transferred_too_goes_back(market: Market) -> None:
    order_id, told = place(market)
    enter(market, 300, told["reference"])
    begun = market.shop.post("/me/payments", {"order_id": order_id, "method": "card"}, as_=INES).ok()
    market.stripe.buyer.pay(begun["client_secret"])
    market.hear()
    market.shop.drain()
    assert state(market, order_id) == ("paid", "captured")
    assert enter(market, 2000, told["reference"])["outcome"] == "LatePayment"
    assert sorted(one["amount_minor"] for one in to_send(market)) == [300, 2000]
    assert balance(market) == {"bank": 2300, "suspense": 0, "refunds_payable": -2300}


@pytest.mark.capability("PAY-06")
@pytest.mark.capability("PAY-08")
def test_nobody_transfers_where_the_shop_has_no_account_or_after_another_method(market: Market) -> None:
    by_card = market.place({"CUP": 1})
    refused = market.shop.post("/me/payments", {"order_id": by_card, "method": "bank_transfer"}, as_=INES)
    assert (refused.status, refused["code"]) == (422, "payment_method_off")
    offered = market.shop.get(f"/me/payments/{by_card}/methods", as_=INES).ok()["methods"]
    assert offered == ["card"]
    market.set_up(bank_account=None)
    assert market.checkout({"CUP": 1}, payment_method="bank_transfer").status == 422
    assert market.quote({"CUP": 1})["payment_methods"] == ["card"]


@pytest.mark.capability("PAY-06")
@pytest.mark.parametrize("when", ["in time", "late", "late, and the balance is spent"])
def test_what_the_balance_does_not_pay_is_transferred(market: Market, when: str) -> None:
    """Of an order that is over the balance is the buyer's again: a transfer brings it back where both are there."""
    path, headers = "/me/payments/top-ups", {"Idempotency-Key": "first"}
    refused = market.shop.post(path, {"amount_minor": 700, "method": "bank_transfer"}, as_=INES, headers=headers)
    assert (refused.status, refused["code"]) == (422, "payment_method_off")
    market.pay(market.shop.post(path, {"amount_minor": 700}, as_=INES, headers=headers))
    market.hear()
    order_id, told = place(market, from_balance_minor=700)
    assert told["amount"] == "13.00"
    spent = when == "late, and the balance is spent"
    if when != "in time":
        market.shop.invoke("CloseUnpaid", {"order_id": order_id})
        market.shop.drain()
    if spent:
        place(market, from_balance_minor=1)
    enter(market, 1300, told["reference"])
    market.shop.drain()
    assert state(market, order_id) == (("cancelled", "voided") if spent else ("paid", "captured"))
    assert [one["amount_minor"] for one in to_send(market)] == ([1300] if spent else [])
    assert balance(market) == {"bank": 1300, "suspense": 0, "refunds_payable": -1300 if spent else 0}


@pytest.mark.capability("PAY-06")
def test_staff_of_a_store_know_nothing_of_the_bank_account(market: Market) -> None:
    _, told = place(market)
    entered = enter(market, 2000, told["reference"]).ok()
    bound = market.shop.staff("ledger.read", "ledger.write", stores=("sto_1",))
    assert market.shop.get("/staff/bank-transfers", as_=bound).status == 404
    assert market.shop.get(f"/staff/bank-transfers/{entered['transfer_id']}", as_=bound).status == 404
    foreign = {"bank_reference": "X-1", "received_on": "2026-11-02", "amount_minor": 1, "currency": "EUR"}
    assert market.shop.post("/staff/bank-transfers", foreign, as_=bound).status == 404


@given(st.integers(0, 2**17), st.integers(0, 20), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_reference_is_found_however_it_is_written_and_never_with_one_letter_for_another(
    seconds: int, place: int, letter: str
) -> None:
    number = ids.order_number(clock.now().replace(microsecond=seconds % 1_000_000))
    reference = creditor_reference(number)
    assert numbers_in(f"Ref{reference.lower()[:9]} {reference[9:]}/invoice") == {number}
    if letter.isdigit() == reference[place].isdigit():
        wrong = reference[:place] + letter + reference[place + 1 :]
        assert numbers_in(wrong) == ({number} if wrong == reference else set())
