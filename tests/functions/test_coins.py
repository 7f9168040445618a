"""Money that is counted in finer units than anybody can send: in coins it ends exactly at what was paid, too."""

import pytest

from tests.support import bills, books
from tests.support.disputes import dispute, hear, left, topics
from tests.support.market import Market, agreed_to
from tests.support.refunds import give_back, settle, shipped

ABROAD = {"GBP": "0.85", "BHD": "0.41", "USD": "1.0843", "JPY": "178.46"}


@pytest.fixture
def kuwait(market: Market) -> Market:
    """A shop that counts in thousandths."""
    market.shop.make_queues()
    market.set_up(currency="KWD")
    market.goods({"CUP": 1000}, {market.store(freight_minor=10): 50})
    return market


def refunded(market: Market) -> list[int]:
    return [one["amount"] for one in market.stripe.objects("refund") if one["status"] == "succeeded"]


def agrees_with_its_bill(market: Market) -> bool:
    market.shop.pass_time(days=1)
    bill = bills.sent(market.shop, bills.of_stripe(bills.transactions(market)), bills.DAY)
    return bills.told(market.shop, bill["bill_id"]) == {}


@pytest.mark.capability("AFS-03")
def test_a_shop_that_counts_in_thousandths_pays_back_in_coins_of_ten_and_all_of_it(kuwait: Market) -> None:
    """https://docs.stripe.com/currencies#three-decimal"""
    order_id = shipped(kuwait, CUP=3)
    for _ in range(3):
        give_back(kuwait, order_id, CUP=1)
        settle(kuwait)
    file = kuwait.money(order_id)
    told = sorted((one["amount_minor"], one["status"]) for one in file["refunds"])
    assert told == [(1003, "posted"), (1003, "posted"), (1004, "posted")]
    assert sorted(refunded(kuwait)) == [1000, 1000, 1010]
    assert (file["balances"]["refunded_minor"], file["payment"]["refundable_minor"]) == (3010, 0)
    books.check(kuwait.shop)
    assert agrees_with_its_bill(kuwait)
    assert books.accounts(books.entries(kuwait.shop))["exchange"] == 0


@pytest.mark.capability("AFS-03")
def test_what_is_less_than_a_coin_of_it_is_gone_and_counts_for_what_comes_after(kuwait: Market) -> None:
    order_id = shipped(kuwait, CUP=1)
    for number, minor in enumerate((3, 333, 674)):
        goodwill = {"reference": f"G-{number}", "amount_minor": minor, "reason": "sorry"}
        kuwait.shop.post(f"/staff/payments/{order_id}/refunds", goodwill, as_=kuwait.shop.boss).ok()
        settle(kuwait)
    assert {one["status"] for one in kuwait.money(order_id)["refunds"]} == {"posted"}
    assert (sorted(refunded(kuwait)), left(kuwait, order_id)) == ([340, 670], (0, 0))
    books.check(kuwait.shop)


@pytest.mark.capability("PAY-15")
@pytest.mark.parametrize(
    ("currency", "bought", "back"),
    [
        ("GBP", {"PIN": 1, "BOWL": 1}, {"PIN": 1}),
        ("GBP", {"POT": 3}, {"POT": 1}),
        ("BHD", {"PIN": 2, "BOWL": 1}, {"PIN": 1}),
        ("BHD", {"POT": 3}, {"POT": 1}),
        ("BHD", {"POT": 1, "BOWL": 2}, {"POT": 1}),
        ("BHD", {"POT": 1, "BOWL": 2}, {"BOWL": 1}),
        ("USD", {"POT": 1, "BOWL": 2}, {"BOWL": 1}),
        ("JPY", {"POT": 1, "BOWL": 2}, {"BOWL": 1}),
    ],
)
def test_a_bank_that_takes_exactly_what_a_refund_has_left_takes_neither_too_much_nor_too_little(
    market: Market, currency: str, bought: dict[str, int], back: dict[str, int]
) -> None:
    market.goods({"POT": 1099, "BOWL": 1013, "PIN": 17}, {market.store(): 50})
    market.set_up(charged_currencies=[*ABROAD])
    market.set_rates(**ABROAD)
    quote = market.quote(bought, currency=currency).ok()
    placed = market.checkout(bought, **agreed_to(quote))
    market.pay(placed)
    market.hear()
    order_id = str(placed.ok()["order"]["order_id"])
    market.lay_out(order_id)
    market.ship(order_id).ok()
    give_back(market, order_id, **back)
    settle(market)
    rest = quote["charge"]["minor"] - sum(refunded(market))
    dispute(market, order_id, amount=rest)
    hear(market)
    assert (left(market, order_id), topics(market)["payment_overdrawn"]) == ((0, 0), 0)
    books.check(market.shop)
