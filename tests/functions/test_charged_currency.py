"""Buyers are charged in their own currency, by the rate that their quote had locked, and paid back by the same."""

from collections import Counter
from typing import Any

import pytest

from souk.kernel import kept
from tests.support import bills, books
from tests.support.bills import held, pull
from tests.support.market import INES, Market, agreed_to
from tests.support.refunds import give_back, settle
from tests.support.shop import Answer

RATES = {"USD": "1.0843", "JPY": "178.46", "BHD": "0.41", "CNY": "8.2417"}


@pytest.fixture
def market(market: Market) -> Market:
    """A shop in euros that also charges in other currencies; its account at the provider holds euros alone."""
    market.shop.make_queues()
    market.set_up(
        charged_currencies=[*RATES, "GBP"], payment_methods=["card", "wechat_pay", "alipay_abroad", "bank_transfer"]
    )
    market.set_up(bank_account={"holder": "Souk", "number": "PT50000201231234567890154"})
    market.set_rates(**RATES)
    worth = {"usd": "0.93", "jpy": "0.0056", "bhd": "2.40"}
    market.stripe.control("config", settles_in="eur", rates=worth)
    market.goods({"CUP": 1099, "POT": 4567}, {market.store(freight_minor=333): 50})
    return market


def quote(market: Market, currency: str, wanted: dict[str, int]) -> Answer:
    return market.quote(wanted, currency=currency)


def agree(market: Market, quoted: Any, wanted: dict[str, int], **more: Any) -> Answer:
    return market.checkout(wanted, **agreed_to(quoted), **more)


def shipped(market: Market, currency: str, wanted: dict[str, int], card: str = "pm_card_visa") -> str:
    placed = agree(market, quote(market, currency, wanted).ok(), wanted)
    market.pay(placed.ok() and placed, card)
    market.hear()
    order_id = str(placed["order"]["order_id"])
    market.lay_out(order_id)
    market.ship(order_id).ok()
    return order_id


def given_back(market: Market) -> Counter[str]:
    """What the buyers have got back, by currency."""
    sums: Counter[str] = Counter()
    for refund in market.stripe.objects("refund"):
        if refund["status"] == "succeeded":
            sums[refund["currency"]] += refund["amount"]
    return sums


@pytest.mark.capability("FX-02")
@pytest.mark.capability("FX-03")
def test_a_buyer_pays_in_dollars_by_the_rate_of_the_quote_and_gets_them_back_to_the_cent(market: Market) -> None:
    """Three cups with their freight cost 36.30 EUR. Rates have changed when they are paid, and when they come back."""
    wanted = {"CUP": 3}
    quoted = quote(market, "USD", wanted).ok()
    charge = quoted["charge"]
    assert (quoted["total_minor"], quoted["currency"]) == (3630, "EUR")
    assert (charge["minor"], charge["currency"], charge["of_minor"]) == (3936, "USD", 3630)  # 39.36009
    assert (charge["from_micro"], charge["micro"], charge["source"]) == (1_000_000, 1_084_300, "staff")
    assert charge["rate_until"] == "2026-11-02T09:16:00Z"

    market.set_rates(USD="1.2")
    market.shop.pass_time(minutes=14)
    placed = agree(market, quoted, wanted, key="once")
    order_id = placed.ok()["order"]["order_id"]
    order = market.order(order_id)
    assert (order["total_minor"], order["currency"]) == (3630, "EUR")
    assert order["charge"] == {name: charge[name] for name in charge if name not in ("rate_until", "rate_lock")}
    market.shop.pass_time(minutes=1)
    with market.shop.unchanged():
        assert agree(market, quoted, wanted, key="once")["order"]["order_id"] == order_id
    (intent,) = market.stripe.objects("payment_intent")
    assert (intent["amount"], intent["currency"]) == (3936, "usd")
    market.pay(placed)
    market.hear()
    payment = market.shop.get(f"/me/payments/{order_id}", as_=INES).ok()
    assert (payment["status"], payment["amount_minor"], payment["charge"]["minor"]) == ("captured", 3630, 3936)

    market.lay_out(order_id)
    market.ship(order_id).ok()
    for units in (1, 2):
        give_back(market, order_id, CUP=units)
        settle(market)
    file = market.money(order_id)
    went = sorted((one["amount_minor"], one["charged"]["minor"]) for one in file["refunds"])
    assert (went, {one["charged"]["currency"] for one in file["refunds"]}) == ([(1210, 1312), (2420, 2624)], {"USD"})
    assert given_back(market) == {"usd": 3936}
    assert (file["payment"]["refundable_minor"], file["balances"]["refunded_minor"]) == (0, 3630)
    told = market.shop.get("/me/messages", as_=INES).ok()["items"]
    assert sum("USD 13.12" in one["text"]["en"] for one in told) == 1

    theirs, ours = held(market)
    assert ours == 0
    market.shop.pass_time(days=1)
    bill = pull(market)
    theirs, ours = held(market)
    assert theirs == ours
    assert (bills.told(market.shop, bill["bill_id"]), bill["matched"]) == ({}, 3)
    fees = sum(one["fee"] for one in market.stripe.objects("balance_transaction"))
    booked = books.accounts(books.entries(market.shop))
    assert (theirs, booked["provider_fees:stripe"], booked["exchange"]) == (-fees, fees, 0)


@pytest.mark.capability("FX-03")
def test_what_the_provider_settles_otherwise_than_by_the_rate_of_the_order_is_a_gain_or_a_loss(market: Market) -> None:
    """Sold at 36.30 EUR, settled by the provider at 39.36 USD times 0.93; one cup goes back at a better rate."""
    order_id = shipped(market, "USD", {"CUP": 3})
    market.shop.pass_time(hours=1)
    market.stripe.control("config", rates={"usd": "0.95"})
    give_back(market, order_id, CUP=1)
    settle(market)
    market.shop.pass_time(days=1)
    bill = pull(market)
    theirs, ours = held(market)
    assert (theirs, bills.told(market.shop, bill["bill_id"])) == (ours, {})
    # In came 3660 for 3630, out went 1246 for 1210.
    (day,) = bill["sums"]
    assert (day["received_minor"], day["paid_back_minor"], day["exchanged_minor"]) == (3660, 1246, -6)
    assert books.accounts(books.entries(market.shop))["exchange"] == 6


@pytest.mark.capability("FX-03")
def test_a_shop_in_euros_a_buyer_in_dollars_and_an_account_in_pounds_come_out_even(market: Market) -> None:
    market.stripe.control("config", settles_in="gbp", rates={"usd": "0.76"})
    order_id = shipped(market, "USD", {"CUP": 3})
    market.shop.pass_time(days=1)
    first = pull(market)
    give_back(market, order_id, CUP=1)
    settle(market)
    market.shop.pass_time(days=1)
    second = pull(market, "2026-11-03")
    assert [bills.told(market.shop, bill["bill_id"]) for bill in (first, second)] == [{}, {}]
    entries = books.entries(market.shop)
    euros, pounds = (books.accounts(one for one in entries if one["currency"] == said) for said in ("EUR", "GBP"))
    assert (euros["clearing:stripe"], euros["exchange"]) == (0, 3630 - 1210)
    assert pounds["clearing:stripe"] == market.stripe.fake.account.balances()["gbp"]["balance"]
    assert -pounds["exchange"] == 2991 - 997  # 39.36 USD and 13.12 USD at 0.76


@pytest.mark.capability("FX-02")
def test_after_its_time_a_quote_is_refused_with_the_one_of_now(market: Market) -> None:
    wanted = {"CUP": 1}
    quoted = quote(market, "USD", wanted).ok()
    market.set_rates(USD="1.2")
    market.shop.pass_time(minutes=14, seconds=1)
    with market.shop.unchanged():
        late = agree(market, quoted, wanted, key="mine")
    assert (late.status, late["code"]) == (409, "quote_changed")
    now = late["quote"]
    assert (now["quote_id"], now["charge"]["minor"]) == (quoted["quote_id"], 1718)
    assert agree(market, now, wanted, key="mine").ok()["order"]["charge"]["minor"] == 1718


@pytest.mark.capability("FX-02")
def test_what_costs_otherwise_meanwhile_is_quoted_anew_in_the_same_currency(market: Market) -> None:
    wanted = {"CUP": 1}
    quoted = quote(market, "JPY", wanted).ok()
    product_id = next(one["product_id"] for one in market.shop.rows("Product") if one["name"]["en"] == "Cup")
    market.set_price(product_id, "CUP", 1199)
    changed = agree(market, quoted, wanted)
    assert (changed.status, changed["quote"]["charge"]["currency"]) == (409, "JPY")
    assert changed["quote"]["charge"]["minor"] == 2734  # 15.32 EUR are 2734.0072 JPY


@pytest.mark.capability("FX-02")
def test_nobody_makes_a_rate_of_their_own(market: Market) -> None:
    wanted = {"CUP": 1}
    quoted = quote(market, "USD", wanted).ok()
    lock = quoted["charge"]["rate_lock"]
    other = {"A": "B"}
    with market.shop.unchanged():
        for place in range(0, len(lock), 7):
            forged = lock[:place] + other.get(lock[place], "A") + lock[place + 1 :]
            refused = market.checkout(wanted, quote_id=quoted["quote_id"], rate_lock=forged)
            assert (refused.status, refused["code"]) == (422, "not_locked"), place
        for text in ("A", "AAAA", lock + "A", lock[:-1]):
            assert market.checkout(wanted, quote_id=quoted["quote_id"], rate_lock=text).status == 422
        for text in ("", "é", "a b", "A" * 601, 7, {}):
            assert market.checkout(wanted, quote_id=quoted["quote_id"], rate_lock=text).status == 422


@pytest.mark.capability("FX-02")
def test_without_a_rate_of_now_nothing_is_promised(market: Market) -> None:
    wanted = {"CUP": 1}
    assert quote(market, "CHF", wanted)["code"] == "currency_not_charged"
    assert quote(market, "GBP", wanted)["code"] == "no_rate_now"
    assert quote(market, "EUR", wanted).ok()["charge"] is None
    market.set_rates(JPY="0.001")
    assert quote(market, "JPY", wanted)["code"] == "too_little_to_charge"
    quoted = quote(market, "USD", wanted).ok()
    market.shop.pass_time(days=5, seconds=1)
    kept.forget_all()
    assert quote(market, "USD", wanted)["code"] == agree(market, quoted, wanted)["code"] == "no_rate_now"


@pytest.mark.capability("FX-02")
@pytest.mark.parametrize(("currency", "charged"), [("JPY", 6478), ("BHD", 14_880), ("CNY", 29_917)])
def test_each_currency_is_asked_for_in_its_own_minor_units(market: Market, currency: str, charged: int) -> None:
    """36.30 EUR; of the three decimals of a dinar no card can be charged with the last: 14.883 are 14.880."""
    order_id = shipped(market, currency, {"CUP": 3})
    (intent,) = market.stripe.objects("payment_intent")
    assert (intent["amount_received"], intent["currency"]) == (charged, currency.lower())
    for _ in range(3):
        give_back(market, order_id, CUP=1)
        settle(market)
    assert given_back(market) == {currency.lower(): charged}


@pytest.mark.capability("FX-02")
@pytest.mark.capability("PAY-13")
def test_only_what_takes_the_currency_is_offered_and_the_shops_own_account_takes_its_own(market: Market) -> None:
    wanted = {"CUP": 1}
    offered = {currency: quote(market, currency, wanted).ok()["payment_methods"] for currency in ("EUR", "USD", "CNY")}
    assert offered == {
        "EUR": ["card", "alipay_abroad", "bank_transfer"],
        "USD": ["card", "alipay_abroad"],
        "CNY": ["card", "wechat_pay"],
    }
    quoted = quote(market, "USD", wanted).ok()
    for method in ("wechat_pay", "bank_transfer"):
        assert agree(market, quoted, wanted, payment_method=method)["code"] == "payment_method_off"
    order_id = agree(market, quoted, wanted).ok()["order"]["order_id"]
    assert market.shop.get(f"/me/payments/{order_id}/methods", as_=INES).ok()["methods"] == ["card", "alipay_abroad"]
    for method in ("wechat_pay", "bank_transfer"):
        asked = market.shop.post("/me/payments", {"order_id": order_id, "method": method}, as_=INES)
        assert asked["code"] == "payment_method_off"


@pytest.mark.capability("FX-02")
@pytest.mark.capability("PAY-07")
def test_a_wallet_abroad_is_asked_in_the_buyers_currency_and_both_amounts_are_kept_with_the_rate(
    market: Market,
) -> None:
    wanted = {"CUP": 1}
    placed = agree(market, quote(market, "USD", wanted).ok(), wanted, payment_method="alipay_abroad")
    intent = market.stripe.objects("payment_intent")[-1]
    assert (intent["amount"], intent["currency"]) == (1553, "usd")
    payment = market.money(placed.ok()["order"]["order_id"])["payment"]
    assert (payment["amount_minor"], payment["charge"]["minor"], payment["charge"]["micro"]) == (1432, 1553, 1_084_300)
