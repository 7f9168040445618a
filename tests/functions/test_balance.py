"""A buyer's balance: topped up, spent in whole or in part, given back to; never below zero, always as booked."""

from functools import partial
from typing import Any
from unittest.mock import patch

import pytest

from souk.domains.access.model.rights import SHOP
from souk.domains.payments.actions import attempts, charges
from souk.domains.payments.store import payments as store
from souk.kernel.caller import Caller
from souk.table.unit import Unit
from tests.support import books, sales, wallets
from tests.support.market import INES, OTTO, Market
from tests.support.refunds import case_status, settle
from tests.support.shop import Answer
from tests.support.wallets import top_up, topped_up

EMPTY = {"available_minor": 0, "held_minor": 0, "balance_minor": 0}


@pytest.fixture
def market(market: Market) -> Market:
    """Ten cups at 10.00 in one store."""
    market.goods({"CUP": 1000}, {market.store(): 10})
    return market


def wallet(market: Market) -> dict[str, int]:
    found = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    return {name: one[name] for one in found for name in EMPTY} or EMPTY


def has(available: int, held: int = 0) -> dict[str, int]:
    return {"available_minor": available, "held_minor": held, "balance_minor": available + held}


def statement(market: Market) -> list[tuple[str, int]]:
    found = market.shop.get("/me/wallets/EUR/movements", as_=INES).ok()["items"]
    return [(one["kind"], one["amount_minor"]) for one in reversed(found)]


def buy(market: Market, cups: int, from_balance_minor: int, **more: Any) -> Answer:
    return market.checkout({"CUP": cups}, from_balance_minor=from_balance_minor, **more)


def status(market: Market, order_id: str) -> tuple[str, str]:
    return market.order(order_id)["status"], market.money(order_id)["payment"]["status"]


def shipped(market: Market, order_id: str) -> None:
    market.lay_out(order_id)
    market.ship(order_id).ok()


def give_back(market: Market, order_id: str, cups: int, **more: Any) -> None:
    wish = {"order_id": order_id, "lines": [{"sku": "CUP", "quantity": cups}], "reason": "damaged", **more}
    case_id = str(market.shop.post("/me/refunds", wish, as_=INES).ok()["case_id"])
    market.shop.post(f"/staff/refunds/{case_id}/approve", as_=market.shop.boss).ok()
    settle(market)
    assert case_status(market, case_id) == "refunded"


def sent(market: Market) -> int:
    """What the provider has paid back."""
    return sum(refund["amount"] for refund in market.stripe.objects("refund"))


@pytest.mark.capability("PAY-18")
@pytest.mark.parametrize("finisher", ["webhook", "return page", "poller"])
def test_a_top_up_is_the_buyers_to_spend_once_it_is_paid(market: Market, finisher: str) -> None:
    begun = top_up(market, 2500)
    assert top_up(market, 2500).body == begun.body
    assert (top_up(market, 2600).status, wallet(market)) == (409, EMPTY)
    market.pay(begun)
    top_up_id = begun["top_up"]["order_id"]
    for told in (finisher, "webhook", "return page", "poller"):
        if told == "webhook":
            market.hear()
        elif told == "poller":
            market.shop.invoke("PollPayments", {})
        else:
            assert market.shop.post(f"/me/payments/{top_up_id}/return", as_=INES)["status"] == "captured"
        assert wallet(market) == has(2500)
    assert statement(market) == [("top_up", 2500)]
    assert books.accounts(books.entries(market.shop)) == {"clearing:stripe": 2500, "wallet": -2500}
    assert top_up(market, 2500)["payment"] is None
    assert market.money(top_up_id)["balances"]["charged_minor"] == 2500


@pytest.mark.capability("PAY-18")
def test_a_top_up_that_nobody_pays_ends_and_what_comes_too_late_goes_back(market: Market) -> None:
    begun = top_up(market, 2500)
    market.shop.pass_time(hours=1)
    market.shop.invoke("SweepOrders", {})
    assert market.shop.get(f"/me/payments/{begun['top_up']['order_id']}", as_=INES)["status"] == "voided"
    assert wallet(market) == EMPTY

    paid = top_up(market, 700, key="second")
    market.pay(paid)
    market.shop.pass_time(hours=1)
    market.shop.invoke("SweepOrders", {})
    assert wallet(market) == has(700)

    late = top_up(market, 900, key="third")
    with Unit() as unit:  # as if the provider had not been asked
        charges.void(unit, store.of_order(late["top_up"]["order_id"]))
    market.pay(late)
    market.hear()
    market.shop.drain()
    assert (wallet(market), sent(market)) == (has(700), 900)


@pytest.mark.capability("PAY-18")
def test_a_late_top_up_that_does_not_go_back_is_told_as_a_top_up(market: Market) -> None:
    late = top_up(market, 900)
    with Unit() as unit:  # as if the provider had not been asked
        charges.void(unit, store.of_order(late["top_up"]["order_id"]))
    market.pay(late, "pm_card_refundFail")
    market.hear()
    settle(market)
    messages = market.shop.get("/staff/messages", as_=market.shop.boss).ok()["items"]
    (failed,) = [one for one in messages if one["topic"] == "refund_failed"]
    assert f"for top-up {late['top_up']['order_id']}:" in failed["text"]["en"]


@pytest.mark.capability("PAY-18")
def test_an_order_is_paid_from_the_balance_alone(market: Market) -> None:
    topped_up(market, 2500)
    placed = buy(market, 2, 2000, key="once")
    order_id = placed.ok()["order"]["order_id"]
    assert (placed["order"]["status"], placed["payment"]) == ("paid", None)
    assert buy(market, 2, 2000, key="once", quote_id=placed_quote(market, 2)).ok() == placed.ok()
    assert (status(market, order_id), wallet(market)) == (("paid", "captured"), has(500))
    assert statement(market) == [("top_up", 2500), ("spent", -2000)]
    assert len(market.stripe.objects("payment_intent")) == 1

    market.shop.drain()
    market.cancel(order_id).ok()
    assert (wallet(market), sent(market)) == (has(2500), 0)
    assert statement(market)[2:] == [("refund", 2000)]


def placed_quote(market: Market, cups: int) -> str:
    return str(market.quote({"CUP": cups}).ok()["quote_id"])


@pytest.mark.capability("PAY-18", "AFS-03")
def test_part_of_an_order_is_held_then_taken_and_goes_back_where_it_came_from(market: Market) -> None:
    topped_up(market, 1300)
    placed = buy(market, 3, 1300)
    order_id = placed.ok()["order"]["order_id"]
    assert (status(market, order_id), wallet(market)) == (("awaiting_payment", "awaiting"), has(0, 1300))
    assert market.shop.get(f"/me/payments/{order_id}", as_=INES)["amount_minor"] == 1700
    assert market.pay(placed)["amount_received"] == 1700
    market.hear()
    assert (status(market, order_id), wallet(market)) == (("paid", "captured"), EMPTY)
    assert market.money(order_id)["balances"]["charged_minor"] == 3000

    market.shop.drain()
    shipped(market, order_id)
    for back, at_provider, at_shop in ((1, 1000, 0), (1, 1700, 300), (1, 1700, 1300)):
        give_back(market, order_id, back)
        assert (sent(market), wallet(market)["balance_minor"]) == (at_provider, at_shop)
    assert market.money(order_id)["payment"]["refundable_minor"] == 0
    assert market.money(order_id)["balances"]["refunded_minor"] == 3000


@pytest.mark.capability("PAY-18")
@pytest.mark.parametrize("ending", ["cancelled", "expired"])
def test_what_was_held_for_an_order_that_ends_unpaid_can_be_spent_again(market: Market, ending: str) -> None:
    topped_up(market, 1300)
    order_id = buy(market, 2, 1300).ok()["order"]["order_id"]
    assert buy(market, 1, 100).status == 409
    if ending == "cancelled":
        market.cancel(order_id).ok()
    else:
        market.shop.pass_time(hours=1)
        market.shop.invoke("SweepOrders", {})
    assert (status(market, order_id), wallet(market)) == (("cancelled", "voided"), has(1300))
    assert statement(market) == [("top_up", 1300)]


@pytest.mark.capability("AFS-03")
def test_money_goes_to_the_balance_where_the_buyer_would_have_it_there(market: Market) -> None:
    topped_up(market, 500)
    placed = buy(market, 3, 500)
    order_id = placed.ok()["order"]["order_id"]
    market.pay(placed)
    market.hear()
    market.shop.drain()
    shipped(market, order_id)
    give_back(market, order_id, 1, refund_to="balance")
    assert (sent(market), wallet(market)) == (0, has(1000))
    give_back(market, order_id, 2)
    assert (sent(market), wallet(market)) == (1500, has(1500))
    assert market.money(order_id)["payment"]["refundable_minor"] == 0


@pytest.mark.capability("AFS-03")
def test_what_a_card_does_not_take_back_any_more_staff_give_back_on_the_balance(market: Market) -> None:
    placed = market.checkout({"CUP": 1})
    order_id = placed.ok()["order"]["order_id"]
    market.pay(placed, "pm_card_refundFail")
    market.hear()
    market.shop.drain()
    market.cancel(order_id).ok()
    settle(market)
    (failed,) = market.money(order_id)["refunds"]
    assert (failed["status"], wallet(market)) == ("voided", EMPTY)
    path = f"/staff/payments/{order_id}/refunds/{failed['refund_id']}/retry"
    market.shop.call("POST", path, as_=market.shop.boss, query={"to": "balance"}).ok()
    assert (wallet(market), market.money(order_id)["payment"]["refundable_minor"]) == (has(1000), 0)


@pytest.mark.capability("AFS-03")
@pytest.mark.parametrize("from_balance_minor", [0, 300])
def test_what_came_too_late_and_what_was_paid_go_back_each_by_its_own_intent(
    market: Market, from_balance_minor: int
) -> None:
    topped_up(market, 500)
    market.set_up(payment_methods=["card", "paypal"])
    first = buy(market, 1, from_balance_minor)
    order_id = first.ok()["order"]["order_id"]
    with patch.object(attempts, "stop", return_value=None):
        second = market.shop.post("/me/payments", {"order_id": order_id, "method": "paypal"}, as_=INES).ok()
    market.stripe.buyer.answer_bank(market.stripe.buyer.pay(second["client_secret"], "pm_paypal"), yes=True)
    market.hear()
    market.pay(first, "pm_card_refundFail")
    market.hear()
    market.shop.drain()
    settle(market)
    (failed,) = market.money(order_id)["refunds"]
    assert (failed["status"], failed["intent_id"]) == ("voided", first["payment"]["intent_id"])

    market.shop.post(f"/staff/payments/{order_id}/refunds/{failed['refund_id']}/retry", as_=market.shop.boss).ok()
    market.cancel(order_id).ok()
    back = [one for one in market.money(order_id)["refunds"] if one["status"] != "voided"]
    went = {one["intent_id"]: one["amount_minor"] for one in back if one["provider"] == "stripe"}
    assert went == dict.fromkeys((first["payment"]["intent_id"], second["intent_id"]), 1000 - from_balance_minor)
    assert wallet(market) == has(500)


@pytest.mark.capability("AFS-03")
def test_goodwill_and_the_price_of_a_cancelled_order_go_to_the_balance_if_somebody_says_so(market: Market) -> None:
    order_id = market.buy({"CUP": 2})
    kind, path = {"reference": "SORRY", "amount_minor": 300, "reason": "late"}, f"/staff/payments/{order_id}/refunds"
    for _ in range(2):
        market.shop.post(path, kind | {"refund_to": "balance"}, as_=market.shop.boss).ok()
        assert wallet(market) == has(300)
    assert market.shop.post(path, kind, as_=market.shop.boss)["code"] == "refund_reference_used"
    why = {"reason": "changed my mind", "refund_to": "balance"}
    market.shop.post(f"/me/orders/{order_id}/cancel", why, as_=INES).ok()
    market.shop.drain()
    assert (wallet(market), sent(market)) == (has(2000), 0)
    assert "refund_to_balance" in {one["topic"] for one in market.shop.get("/me/messages", as_=INES)["items"]}


@pytest.mark.capability("AFS-03")
def test_a_guest_has_no_balance_to_be_paid_back_to(market: Market) -> None:
    guest = Caller(id="gst_eve", kind="guest", may=frozenset({SHOP}))
    order_id = market.buy({"CUP": 1}, by=guest)
    why = {"reason": "changed my mind", "refund_to": "balance"}
    refused = market.shop.post(f"/me/orders/{order_id}/cancel", why, as_=guest)
    assert (refused.status, refused["code"]) == (422, "no_balance")
    assert market.shop.get("/me/wallets", as_=guest).status == 403


@pytest.mark.capability("PAY-18")
def test_orders_that_the_balance_paid_in_part_are_merged_and_give_each_fund_back_what_it_paid(market: Market) -> None:
    topped_up(market, 1700)
    ids = []
    for cups, from_balance in ((2, 700), (1, 1000)):
        placed = buy(market, cups, from_balance)
        if placed["payment"]:
            market.pay(placed)
            market.hear()
        market.shop.drain()
        ids.append(placed["order"]["order_id"])
    said = {"order_ids": ids, "reason": "One parcel will do"}
    into = market.shop.post("/staff/handling/merge", said, as_=market.shop.boss).ok()["order_id"]
    market.shop.drain()
    assert wallet(market) == EMPTY
    shipped(market, into)
    give_back(market, into, 1)
    give_back(market, into, 2)
    assert (sent(market), wallet(market)) == (1300, has(1700))
    assert market.money(into)["payment"]["refundable_minor"] == 0


@pytest.mark.capability("PAY-18")
def test_the_parts_of_an_order_that_the_balance_paid_in_part_give_back_all_of_it_together(market: Market) -> None:
    topped_up(market, 1300)
    placed = buy(market, 3, 1300)
    order_id = placed.ok()["order"]["order_id"]
    market.pay(placed)
    market.hear()
    market.shop.drain()
    other = market.store("Souk Baixa")
    market.receive(other, {"CUP": 5})
    split = {"parts": [{"store_id": other, "units": {"CUP": 1}}], "reason": "it is nearer"}
    market.shop.post(f"/staff/handling/{order_id}/split", split, as_=market.shop.boss).ok()
    market.shop.drain()
    parts = market.order(order_id)["became"]
    assert (len(parts), wallet(market)) == (2, EMPTY)
    for part in parts:
        market.cancel(part["order_id"]).ok()
        market.shop.drain()
    assert (sent(market), wallet(market)) == (1700, has(1300))


@pytest.mark.capability("PAY-18")
def test_what_a_sale_sells_is_paid_from_the_balance_too(market: Market) -> None:
    store_id = market.shop.get("/staff/stores", as_=market.shop.boss)["items"][0]["store_id"]
    sale_id = sales.running(market, store_id, "CUP", price_minor=300)
    topped_up(market, 500)
    bought = sales.buy(market, sale_id, from_balance_minor=300)
    assert (bought.status, bought["order"]["status"], wallet(market)) == (201, "paid", has(200))
    in_part = sales.buy(market, sale_id, from_balance_minor=200)
    assert (in_part["order"]["status"], wallet(market)) == ("awaiting_payment", has(0, 200))
    for order in (bought["order"], in_part["order"]):
        market.cancel(order["order_id"]).ok()
    assert (sent(market), wallet(market)) == (0, has(500))


@pytest.mark.capability("PAY-18")
def test_staff_correct_a_balance_for_a_reason_once(market: Market) -> None:
    correct = partial(wallets.correct, market.shop)
    assert correct(900, "CALL-7").ok() == correct(900, "CALL-7").ok()
    assert (correct(901, "CALL-7").status, correct(0, "CALL-8").status) == (409, 422)
    assert (correct(-901, "CALL-9").status, wallet(market)) == (409, has(900))
    market.shop.pass_time(seconds=1)
    correct(-400, "CALL-9").ok()
    assert (wallet(market), statement(market)) == (has(500), [("correction", 900), ("correction", -400)])
    assert books.accounts(books.entries(market.shop)) == {"balance_corrections": 500, "wallet": -500}
    for path, by in (
        (f"/staff/wallets/{INES.id}/EUR/movements", market.shop.boss),
        ("/me/wallets/EUR/movements", INES),
    ):
        first = market.shop.get(path, as_=by, limit=1).ok()
        second = market.shop.get(path, as_=by, limit=1, cursor=first["next_cursor"]).ok()
        assert [one["amount_minor"] for one in (*first["items"], *second["items"])] == [-400, 900]
    said = {"reference": "CALL-7", "currency": "EUR", "amount_minor": 1, "reason": "nobody's"}
    assert market.shop.post("/staff/wallets/nobody/corrections", said, as_=market.shop.boss).status == 404


@pytest.mark.capability("PAY-18")
def test_staff_pay_out_what_a_member_wants_back_once_for_a_reason_and_never_more(market: Market) -> None:
    pay_out = partial(wallets.pay_out, market.shop)
    topped_up(market, 2500)
    held = buy(market, 2, 1300).ok()["order"]["order_id"]
    assert (pay_out(1201)["code"], wallet(market)) == ("balance_too_low", has(1200, 1300))
    assert pay_out(1000).ok() == pay_out(1000).ok() == pay_out(1000, "out7").ok()
    assert [(one.status, one["code"]) for one in (pay_out(900), pay_out(1000, reason="another"))] == [
        (409, "payout_reference_used")
    ] * 2
    assert [pay_out(amount, "OUT 8").status for amount in (0, -1, 201)] == [422, 422, 409]
    assert (wallet(market), statement(market)) == (has(200, 1300), [("top_up", 2500), ("payout", -1000)])
    assert books.accounts(books.entries(market.shop)) == {"clearing:stripe": 2500, "wallet": -1500, "bank": -1000}
    market.cancel(held).ok()
    assert wallet(market) == has(1500)


@pytest.mark.capability("PAY-18")
def test_one_transfer_of_the_bank_pays_out_one_balance(market: Market) -> None:
    for member in (INES, OTTO):
        wallets.correct(market.shop, 2500, of=member).ok()
    pay_out = partial(wallets.pay_out, market.shop, 1000)
    first = pay_out("OUT 7").ok()
    with market.shop.unchanged():
        refused = pay_out("out7", to=OTTO)
        assert (refused.status, refused["code"]) == (409, "payout_reference_used")
    assert pay_out("OUT 7").ok() == first
    assert pay_out("OUT 8", to=OTTO).status == 201
    assert books.accounts(books.entries(market.shop))["bank"] == -2000


@pytest.mark.capability("PAY-18")
def test_more_than_there_is_or_than_it_costs_is_not_spent(market: Market) -> None:
    assert (buy(market, 1, 1).status, buy(market, 1, 1)["code"]) == (409, "balance_too_low")
    topped_up(market, 5000)
    assert (buy(market, 1, 1001).status, wallet(market)) == (422, has(5000))
    assert market.checkout({"CUP": 1}, by=OTTO, from_balance_minor=1).status == 409
    assert market.stock("CUP")["reserved"] == 0


@pytest.mark.capability("PAY-18")
@pytest.mark.capability("AFS-03")
def test_what_a_bank_has_taken_of_the_card_goes_back_to_the_balance_alone(market: Market) -> None:
    """700 of three cups came from the balance: that much is still the shop's to pay back, and the card has no more."""
    topped_up(market, 700)
    placed = buy(market, 3, 700)
    market.pay(placed)
    market.hear()
    order_id = placed["order"]["order_id"]
    shipped(market, order_id)
    (intent,) = (one for one in market.stripe.objects("payment_intent") if one["amount"] == 2300)
    opened = market.stripe.control(f"charges/{intent['latest_charge']}/dispute")
    market.stripe.control(f"disputes/{opened['id']}/close", status="lost")
    settle(market)
    assert market.money(order_id)["payment"]["refundable_minor"] == 700
    market.shop.post(
        f"/staff/payments/{order_id}/refunds",
        {"amount_minor": 300, "reason": "late", "reference": "SORRY-1"},
        as_=market.shop.boss,
    ).ok()
    settle(market)
    assert (wallet(market), sent(market)) == (has(300), 0)
