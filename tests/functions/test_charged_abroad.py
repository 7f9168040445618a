"""What becomes of an order that was charged in another currency: all that is paid back ends at what was charged."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from souk.domains.payments.actions import refunds
from souk.domains.payments.actions.refunds import Due
from souk.domains.payments.store import payments as store
from souk.kernel.caller import Caller
from souk.table.unit import ChangedMeanwhile, Unit
from tests.support import bills, books
from tests.support.bank_transfers import enter
from tests.support.bills import held, pull
from tests.support.disputes import decide, dispute, left
from tests.support.goods_back import Exchange
from tests.support.kept import agree, one_click, settle_in
from tests.support.late_payments import over, pay_late, statuses
from tests.support.market import ADDRESS, CONTACT, INES, OTTO, Market, agreed_to
from tests.support.refunds import case_status, give_back, settle, shipped
from tests.support.sales import running
from tests.support.shop import Answer, Shop
from tests.support.stripe import Stripe
from tests.support.wallets import topped_up
from tests.support.wechat_pay import WechatPay


@dataclass
class Abroad(Market):
    """A market whose buyers ask for their quotes in a currency of their own."""

    currency: str = "USD"

    def quote(self, wanted: dict[str, int], country: str = "PT", by: Caller = INES, **more: Any) -> Answer:
        return super().quote(wanted, country, by, currency=self.currency, **more)


@pytest.fixture
def market(shop: Shop, stripe: Stripe) -> Iterator[Abroad]:
    """A shop in euros, whose bill of the day must agree with its books, line by line and in the end."""
    market = Abroad(shop, stripe)
    shop.make_queues()
    market.set_up(charged_currencies=["USD", "JPY"])
    market.set_rates(USD="1.0843", JPY="178.46")
    stripe.control("config", settles_in="eur", rates={"usd": "0.93", "jpy": "0.0056"})
    yield market
    books.check(shop)
    shop.pass_time(days=1)
    bill = pull(market)
    theirs, ours = held(market)
    assert (bills.told(shop, bill["bill_id"]), theirs) == ({}, ours)


def charged(market: Market) -> Counter[tuple[str, str]]:
    """What the provider has taken, by intent and currency."""
    took = market.stripe.objects("payment_intent")
    return Counter({(one["id"], one["currency"]): one["amount_received"] for one in took if one["amount_received"]})


def given_back(market: Market) -> Counter[tuple[str, str]]:
    sums: Counter[tuple[str, str]] = Counter()
    for refund in market.stripe.objects("refund"):
        if refund["status"] == "succeeded":
            sums[refund["payment_intent"], refund["currency"]] += refund["amount"]
    return sums


@pytest.mark.capability("FX-02")
def test_parts_of_an_order_give_back_together_what_was_charged_for_it(market: Abroad) -> None:
    stores = [market.store(f"Souk {rank}", rank=rank, freight_minor=490) for rank in (1, 2, 3)]
    market.goods({"TEA": 499}, dict.fromkeys(stores, 3))
    order_id = market.buy({"TEA": 7})
    parts = [one["order_id"] for one in market.order(order_id)["became"]]
    assert len(parts) == 3
    for part in parts:
        assert market.order(part)["charge"] is None
        assert market.cancel(part).ok()["status"] == "cancelled"
        settle(market)
    assert given_back(market) == charged(market)


@pytest.mark.capability("FX-02")
def test_orders_of_several_currencies_become_one_and_each_goes_back_in_its_own(market: Abroad) -> None:
    market.goods({"TEA": 499, "CUP": 1000}, {market.store(freight_minor=490): 90})
    order_ids = []
    for market.currency in ("USD", "JPY", "EUR"):
        order_ids.append(market.buy({"TEA": 2, "CUP": 1}))
    body = {"order_ids": order_ids, "reason": "One parcel will do"}
    into = market.shop.post("/staff/handling/merge", body, as_=market.shop.boss).ok()["order_id"]
    market.shop.drain()
    market.prepare(into)
    market.ship(into).ok()
    for wanted in ({"TEA": 1}, {"CUP": 2}, {"TEA": 3}, {"TEA": 2, "CUP": 1}):
        case_id = give_back(market, into, **wanted)
        settle(market)
        assert case_status(market, case_id) == "refunded"
    assert {currency for _, currency in charged(market)} == {"usd", "jpy", "eur"}
    assert given_back(market) == charged(market)


@pytest.mark.capability("FX-02")
@pytest.mark.parametrize("other", ["JUG", "CUP"])
def test_what_was_paid_for_goods_that_are_exchanged_keeps_its_rate(market: Abroad, other: str) -> None:
    """A difference that is still to be paid is asked for in the shop's money."""
    swap = Exchange(market, {"POT": 2, "CUP": 1})
    swap.open("exchange", POT=(1, other))
    if other == "JUG":
        swap.pay()
        market.hear()
    swap.back(("POT", 1)).ok()
    swap.leave()
    assert swap.case()["status"] == "replaced"
    replacement_id = swap.replacement["order_id"]
    came_back = [(replacement_id, {other: 1}), (swap.order_id, {"POT": 1}), (swap.order_id, {"CUP": 1})]
    for order_id, units in came_back:
        swap.order_id = order_id
        swap.open("refund", **units)
        swap.settle()
    assert given_back(market) == charged(market)


@pytest.mark.capability("FX-02")
@pytest.mark.parametrize("revives", [True, False])
def test_money_that_comes_too_late_counts_by_the_rate_that_was_locked(market: Abroad, revives: bool) -> None:
    market.goods({"CUP": 1099}, {market.store(): 2})
    market.set_up(late_payments="revive" if revives else "refund")
    order_id = pay_late(market, over(market, {"CUP": 2}))
    settle(market)
    assert statuses(market, order_id) == (("paid", "captured") if revives else ("cancelled", "voided"))
    assert sum(charged(market).values()) == 2383  # 21.98 EUR
    if revives:
        market.cancel(order_id).ok()
        settle(market)
    assert given_back(market) == charged(market)


@pytest.mark.capability("FX-02")
def test_a_refund_that_failed_is_sent_again_and_what_follows_ends_at_what_was_charged(market: Abroad) -> None:
    market.goods({"CUP": 1099}, {market.store(): 9})
    market.currency = "JPY"
    order_id = shipped(market, "pm_card_refundFail", CUP=3)
    for _ in range(3):
        give_back(market, order_id, CUP=1)
        market.shop.drain()
    market.shop.pass_time(seconds=10)
    market.stripe.server.fake.tick()
    market.hear()
    market.shop.drain()
    failed = market.money(order_id)["refunds"]
    assert {one["status"] for one in failed} == {"voided"} and not given_back(market)
    assert sum(one["charged"]["minor"] for one in failed) == sum(charged(market).values()) == 5884
    market.stripe.fake.account.objects["charge"][failed_charge(market)]["payment_method"] = "pm_card_visa"
    for one in failed:
        path = f"/staff/payments/{order_id}/refunds/{one['refund_id']}/retry"
        market.shop.post(path, as_=market.shop.boss).ok()
        market.shop.drain()
    market.hear()
    market.shop.drain()
    assert given_back(market) == charged(market)


def failed_charge(market: Market) -> str:
    return str(market.stripe.objects("charge")[-1]["id"])


@pytest.mark.capability("FX-02")
def test_of_refunds_that_are_owed_at_once_each_counts_on_those_before_it(market: Abroad) -> None:
    market.goods({"CUP": 1099}, {market.store(): 9})
    order_id = market.buy({"CUP": 1})
    stale = store.of_order(order_id)
    with Unit() as unit:
        refunds.owe(unit, stale, Due("rfd_1", 500, cause="", goodwill=True))
    with pytest.raises(ChangedMeanwhile), Unit() as unit:
        refunds.owe(unit, stale, Due("rfd_2", 500, cause="", goodwill=True))


@pytest.mark.capability("FX-02")
@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_is_in_the_currency_that_was_charged_and_in_the_books_at_its_rate(
    market: Abroad, status: str
) -> None:
    market.goods({"CUP": 1000}, {market.store(): 9})
    order_id = market.buy({"CUP": 1})
    opened = dispute(market, order_id, amount=500)
    market.hear()
    market.shop.drain()
    (seen,) = market.money(order_id)["disputes"]
    assert (seen["amount_minor"], seen["currency"], seen["withdrawn_minor"]) == (500, "USD", 500)
    assert left(market, order_id) == (539, 0)  # 5.00 USD are 4.61 EUR
    assert books.accounts(books.entries(market.shop))["disputed"] == 461
    assert any("USD 5.00" in row["text"]["en"] for row in market.shop.rows("Message") if "text" in row)
    decide(market, opened, status)
    market.hear()
    market.shop.drain()
    assert left(market, order_id) == (1000 if status == "won" else 539, 0)
    assert books.accounts(books.entries(market.shop))["dispute_losses"] == (0 if status == "won" else 461)


@pytest.mark.capability("FX-02")
def test_what_parts_of_an_order_lose_to_a_bank_is_together_what_it_took(market: Abroad) -> None:
    stores = [market.store(f"Souk {rank}", rank=rank) for rank in (1, 2)]
    market.goods({"TEA": 499}, dict.fromkeys(stores, 2))
    order_id = market.buy({"TEA": 3})
    dispute(market, order_id)
    market.hear()
    market.shop.drain()
    parts = [one["order_id"] for one in market.order(order_id)["became"]]
    assert [left(market, part)[0] for part in parts] == [0, 0]
    taken = [one for part in parts for one in market.money(part)["events"] if one["kind"] == "dispute_withdrawn"]
    assert sum(one["charged"]["minor"] for one in taken) == sum(charged(market).values()) == 1623


@pytest.mark.capability("FX-02")
def test_what_is_less_than_the_smallest_coin_is_no_ones_to_send(market: Abroad) -> None:
    """At 20 JPY for a euro a cent is a fifth of a yen."""
    market.set_rates(USD="1.0843", JPY="20")
    market.currency = "JPY"
    market.goods({"PIN": 1}, {market.store(): 900})
    order_id = shipped(market, PIN=260)
    assert sum(charged(market).values()) == 52
    for units in (1, 1, 1, 1, 256):
        case_id = give_back(market, order_id, PIN=units)
        settle(market)
        assert case_status(market, case_id) == "refunded"
    file = market.money(order_id)
    assert sorted(one["charged"]["minor"] for one in file["refunds"]) == [0, 0, 0, 1, 51]
    assert file["payment"]["refundable_minor"] == 0
    assert given_back(market) == charged(market)


@pytest.mark.capability("FX-02")
@pytest.mark.capability("PAY-18")
def test_the_balance_pays_in_the_shops_money_and_the_rest_is_charged(market: Abroad) -> None:
    market.goods({"CUP": 1099}, {market.store(): 9})
    topped_up(market, 500)
    placed = market.checkout({"CUP": 1}, from_balance_minor=500)
    market.pay(placed)
    market.hear()
    order_id = str(placed["order"]["order_id"])
    order = market.order(order_id)
    assert (order["total_minor"], order["charge"]["of_minor"], order["charge"]["minor"]) == (1099, 599, 649)
    market.lay_out(order_id)
    market.ship(order_id).ok()
    give_back(market, order_id, CUP=1)
    settle(market)
    assert sorted(given_back(market).values()) == [649]
    (wallet,) = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    assert (wallet["currency"], wallet["available_minor"]) == ("EUR", 500)


@pytest.mark.capability("FX-02")
def test_what_goes_to_the_balance_goes_in_the_shops_money_and_the_rest_is_what_is_left_of_the_charge(
    market: Abroad,
) -> None:
    market.goods({"CUP": 1099}, {market.store(): 9})
    order_id = shipped(market, CUP=3)
    given = {"reference": "R-1", "amount_minor": 1000, "reason": "sorry", "refund_to": "balance"}
    market.shop.post(f"/staff/payments/{order_id}/refunds", given, as_=market.shop.boss).ok()
    given = {"reference": "R-2", "amount_minor": 2297, "reason": "sorry"}
    market.shop.post(f"/staff/payments/{order_id}/refunds", given, as_=market.shop.boss).ok()
    settle(market)
    (wallet,) = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    assert (wallet["available_minor"], sum(given_back(market).values())) == (1000, 3575 - 1084)


@pytest.mark.capability("FX-02")
@pytest.mark.capability("PAY-06")
def test_what_comes_to_the_shops_own_account_pays_in_the_shops_money(market: Abroad) -> None:
    """Though the order was to be charged in dollars: it is known by its number."""
    market.goods({"CUP": 1099}, {market.store(): 9})
    order = market.checkout({"CUP": 2}).ok()["order"]
    enter(market, 2198, order["number"]).ok()
    file = market.money(order["order_id"])
    assert (file["payment"]["status"], file["events"][0]["charged"]) == ("captured", None)
    market.cancel(order["order_id"]).ok()
    market.shop.drain()
    (refund,) = market.money(order["order_id"])["refunds"]
    assert (refund["status"], refund["amount_minor"], refund["charged"]) == ("awaiting", 2198, None)


@pytest.mark.capability("FX-02")
def test_a_shop_in_euros_is_paid_with_wechat_in_yuan(market: Abroad, wechat_pay: WechatPay) -> None:
    market.set_up(charged_currencies=["CNY"], payment_methods=["card", "wechat_pay"])
    market.set_rates(CNY="8.2417")
    market.goods({"CUP": 1099}, {market.store(): 9})
    market.currency = "CNY"
    placed = market.checkout({"CUP": 2}, payment_method="wechat_pay").ok()
    order_id = placed["order"]["order_id"]
    assert wechat_pay.merchant.pay(placed["payment"]["intent_id"])
    wechat_pay.tell(market.shop)
    payment = market.money(order_id)["payment"]
    assert (payment["status"], payment["captured_minor"], payment["charge"]["minor"]) == ("captured", 2198, 18115)
    market.shop.drain()
    market.cancel(order_id).ok()
    market.shop.drain()
    wechat_pay.settle_refunds("SUCCESS")
    wechat_pay.tell(market.shop)
    (refund,) = market.money(order_id)["refunds"]
    assert (refund["status"], refund["charged"]) == ("posted", {"currency": "CNY", "minor": 18115})
    assert books.accounts(books.entries(market.shop))["clearing:wechat_pay"] == 0


@pytest.mark.capability("FX-02")
@pytest.mark.capability("PRM-06")
def test_what_is_had_in_a_flash_sale_is_charged_by_the_rate_of_its_quote(market: Abroad) -> None:
    store_id = market.store(freight_minor=490)
    market.goods({"TEA": 500}, {store_id: 20})
    sale_id = running(market, store_id)
    asked = {"quantity": 2, "country": "PT", "currency": "USD"}
    quoted = market.shop.post(f"/me/sales/{sale_id}/quotes", asked, as_=INES).ok()
    assert (quoted["total_minor"], quoted["charge"]["minor"]) == (1090, 1182)
    market.set_rates(USD="1.5")
    order = {"quantity": 2, "address": ADDRESS, "contact": CONTACT, **agreed_to(quoted)}
    headers = {"Idempotency-Key": "mine"}
    placed = market.shop.post(f"/me/sales/{sale_id}/orders", order, as_=INES, headers=headers)
    assert placed.ok()["order"]["charge"]["minor"] == 1182
    market.pay(placed)
    market.hear()
    assert list(charged(market).values()) == [1182]
    market.shop.pass_time(minutes=15)
    refused = market.shop.post(f"/me/sales/{sale_id}/orders", order, as_=OTTO, headers=headers)
    assert (refused["code"], refused["quote"]["charge"]["minor"]) == ("quote_changed", 1635)


@pytest.mark.capability("FX-02")
@pytest.mark.capability("PAY-12")
def test_one_click_charges_by_the_rate_that_was_agreed_to_and_by_no_mandate(market: Abroad) -> None:
    market.goods({"CUP": 1099}, {market.store(): 9})
    agree(market, settle_in(market), charge=500, day=500).ok()
    named = agreed_to(market.quote({"CUP": 2}).ok())
    assert one_click(market, {"CUP": 2}, key="euros")["code"] == "over_mandate"
    bought = one_click(market, {"CUP": 2}, key="dollars", **named).ok()
    assert (bought["standing"], bought["order"]["charge"]["minor"]) == ("paid", 2383)
    assert one_click(market, {"CUP": 2}, key="dollars", **named).ok() == bought
    assert list(charged(market).values()) == [2383]
