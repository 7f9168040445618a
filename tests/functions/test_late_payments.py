"""Money that comes when its order is over: it is served after all where it can be, or all goes back."""

from unittest.mock import patch

import pytest

from souk.domains.payments.actions import attempts
from souk.domains.stores.model import allocation
from souk.flows import late_payment
from souk.kernel import kept
from tests.support import books, merchants, wallets
from tests.support.late_payments import over, pay_late, statuses
from tests.support.market import INES, OTTO, Market


def refunded(market: Market, order_id: str) -> int:
    return int(market.money(order_id)["balances"]["refunded_minor"])


@pytest.mark.capability("PAY-16")
def test_an_order_that_timed_out_lives_again_on_money_that_comes_late(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    market.goods({"CUP": 1099}, {market.store(): 10})
    order_id = pay_late(market, over(market, {"CUP": 2}))
    assert '"LatePayment":[1.0]' in capsys.readouterr().out
    order, money = market.order(order_id), market.money(order_id)
    assert [step["status"] for step in order["history"]][:3] == ["awaiting_payment", "cancelled", "paid"]
    assert (money["payment"]["status"], money["payment"]["refundable_minor"]) == ("captured", 2198)
    assert (money["balances"]["charged_minor"], money["refunds"], order["cancel_reason"]) == (2198, [], None)
    assert market.stock("CUP")["reserved"] == 2
    booked = [entry for entry in books.entries(market.shop) if entry["subject"] == order_id]
    assert books.accounts(booked)["clearing:stripe"] == 2198 and books.accounts(booked)["suspense"] == 0
    assert [entry["cause"] for entry in booked].count("sale") == 1
    assert len(market.shop.executions("OrderLife")) == 1
    written = {one["title"]["en"] for one in market.shop.get("/me/messages", as_=INES).ok()["items"]}
    assert {f"Order {order['number']} stands after all", "Your payment came late"} <= written

    market.prepare(order_id)
    market.ship(order_id).ok()
    assert market.order(order_id)["status"] == "shipped"


@pytest.mark.capability("PAY-16")
def test_another_store_serves_it_where_its_own_has_sold_the_goods(market: Market) -> None:
    first, second = market.store("Souk 1", rank=1), market.store("Souk 2", rank=2)
    market.goods({"CUP": 1099}, {first: 1, second: 1})
    placed = over(market, {"CUP": 1})
    assert placed["order"]["store_id"] == first
    market.buy({"CUP": 1}, by=OTTO)
    order_id = pay_late(market, placed)
    assert (market.order(order_id)["store_id"], market.money(order_id)["payment"]["store_id"]) == (second, second)
    assert market.level("CUP", second) == (1, 1, 0)


@pytest.mark.capability("PAY-16")
def test_several_stores_serve_it_together_where_none_has_it_whole(market: Market) -> None:
    stores = [market.store(f"Souk {rank}", rank=rank) for rank in (1, 2, 3)]
    market.goods({"CUP": 1099}, dict(zip(stores, (2, 1, 1), strict=True)))
    placed = over(market, {"CUP": 2})
    market.buy({"CUP": 2}, by=OTTO)
    order_id = pay_late(market, placed)
    assert statuses(market, order_id) == ("split", "moved")
    parts = [market.order(one["order_id"]) for one in market.order(order_id)["became"]]
    assert {part["store_id"] for part in parts} == {*stores[1:]}
    assert sum(part["total_minor"] for part in parts) == 2198


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("why", ["nobody has the goods", "its buyer ended it", "the shop pays back", "it is closed"])
def test_where_it_is_not_served_all_of_the_money_goes_back(market: Market, why: str) -> None:
    store_id = market.store()
    market.goods({"CUP": 1099}, {store_id: 2})
    if why == "the shop pays back":
        market.set_up(late_payments="refund")
    placed = over(market, {"CUP": 2}, by_buyer=why == "its buyer ended it")
    if why == "nobody has the goods":
        market.buy({"CUP": 1}, by=OTTO)
    if why == "it is closed":
        sheet = market.shop.get(f"/staff/stores/{store_id}", as_=market.shop.boss).ok()
        told = ("store_id", "central", "merchant_id")
        edit = {name: value for name, value in sheet.items() if name not in told} | {"open": False}
        market.shop.put(f"/staff/stores/{store_id}", edit, as_=market.shop.boss).ok()
        kept.forget_all()
    order_id = pay_late(market, placed)
    assert statuses(market, order_id) == ("cancelled", "voided")
    assert refunded(market, order_id) == 2198
    assert [one["amount_refunded"] for one in market.stripe.objects("charge")][-1] == 2198
    assert books.accounts(books.entries(market.shop))["suspense"] == 0


@pytest.mark.capability("PAY-16", "MER-02")
@pytest.mark.parametrize("suspended", [True, False])
def test_goods_of_several_sellers_are_served_while_all_of_them_may_sell(market: Market, suspended: bool) -> None:
    market.goods({"CUP": 1099}, {market.store(): 10})
    kiln = merchants.trader(market, "Kiln")
    kiln.goods({"POT": 4567})
    placed = over(market, {"CUP": 1, "POT": 1})
    if suspended:
        kiln.suspend()
    order_id = pay_late(market, placed)
    assert statuses(market, order_id) == (("cancelled", "voided") if suspended else ("split", "moved"))
    assert refunded(market, order_id) == (1099 + 4567 if suspended else 0)


@pytest.mark.capability("PAY-16")
def test_it_is_brought_back_from_as_few_shelves_as_an_order_is_taken_from(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So few of each seller, and too many of all of them for one transaction."""
    first, second = market.store("Souk 1", rank=1), market.store("Souk 2", rank=2)
    market.goods({"CUP": 1099, "BOWL": 800}, {first: 2, second: 1})
    kiln = merchants.trader(market, "Kiln")
    another = market.store("Kiln 2", rank=200, merchant_id=kiln.merchant_id)
    kiln.goods({"POT": 4567, "JUG": 300}, 2)
    market.receive(another, {"POT": 1, "JUG": 1})
    placed = over(market, {"CUP": 2, "BOWL": 2, "POT": 2, "JUG": 2})
    market.buy({"CUP": 1, "BOWL": 1, "POT": 1, "JUG": 1}, by=OTTO)
    monkeypatch.setattr(allocation, "MOST_SHELVES", 5)
    order_id = pay_late(market, placed)
    assert statuses(market, order_id) == ("cancelled", "voided")


@pytest.mark.capability("PAY-16")
def test_a_shop_may_bring_back_what_its_buyer_had_ended(market: Market) -> None:
    market.goods({"CUP": 1099}, {market.store(): 2})
    market.set_up(late_payments="revive")
    order_id = pay_late(market, over(market, {"CUP": 2}, by_buyer=True))
    assert statuses(market, order_id) == ("paid", "captured")


@pytest.mark.capability("PAY-16")
def test_goods_to_be_fetched_wait_where_they_were_promised_or_nowhere(market: Market) -> None:
    here, there = market.store("Souk 1", rank=1, pickup=True), market.store("Souk 2", rank=2, pickup=True)
    market.goods({"CUP": 1099}, {here: 1, there: 1})
    fetched = market.place_pickup({"CUP": 1}, here)
    order_id = str(fetched.ok()["order"]["order_id"])
    with patch.object(attempts, "stop", return_value=None):
        market.shop.invoke("CloseUnpaid", {"order_id": order_id})
    market.paid({"CUP": 1}, by=OTTO)
    pay_late(market, fetched)
    assert statuses(market, order_id) == ("cancelled", "voided")
    assert market.level("CUP", there) == (1, 0, 1)


@pytest.mark.capability("PAY-16")
def test_webhook_poller_and_return_page_thrice_bring_it_back_once(market: Market) -> None:
    market.goods({"CUP": 1099}, {market.store(): 10})
    placed = over(market, {"CUP": 2})
    order_id = str(placed["order"]["order_id"])
    market.pay(placed)
    for _ in range(3):
        market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
        market.hear()
        market.shop.invoke("PollPayments", {})
        market.shop.drain(times=3)
    assert statuses(market, order_id) == ("paid", "captured")
    assert [len(market.shop.facts(told)) for told in ("PaidTooLate", "OrderRevived", "OrderPaid")] == [1, 1, 1]
    kinds = [event["kind"] for event in market.shop.rows("MoneyEvent")]
    assert sorted(kinds) == ["charge_decided", "charge_held"]


@pytest.mark.capability("PAY-16")
def test_what_was_brought_back_is_cancelled_and_paid_back_as_any_other(market: Market) -> None:
    market.goods({"CUP": 1099}, {market.store(): 10})
    order_id = pay_late(market, over(market, {"CUP": 2}))
    market.cancel(order_id).ok()
    market.shop.drain()
    assert statuses(market, order_id) == ("cancelled", "captured")
    assert refunded(market, order_id) == 2198
    assert market.stock("CUP")["reserved"] == 0


@pytest.mark.capability("PAY-16")
@pytest.mark.parametrize("left", [True, False])
def test_what_is_held_is_decided_even_where_the_news_of_it_was_lost(market: Market, left: bool) -> None:
    market.goods({"CUP": 1099}, {market.store(): 2})
    placed = over(market, {"CUP": 2})
    if not left:
        market.buy({"CUP": 1}, by=OTTO)
    order_id = str(placed["order"]["order_id"])
    market.pay(placed)
    with patch.object(late_payment, "decide"):
        market.hear()
        market.shop.drain(times=2)
    assert statuses(market, order_id) == ("cancelled", "voided")
    assert books.accounts(books.entries(market.shop))["suspense"] == -2198
    for found in (1, 0):
        assert market.shop.invoke("PollPayments", {}) == found
        market.shop.drain(times=2)
        market.hear()
    assert statuses(market, order_id) == (("paid", "captured") if left else ("cancelled", "voided"))
    assert refunded(market, order_id) == (0 if left else 2198)
    assert books.accounts(books.entries(market.shop))["suspense"] == 0


@pytest.mark.capability("PAY-16", "PAY-18")
@pytest.mark.parametrize("left", [700, 699])
def test_what_the_balance_was_to_pay_of_it_is_taken_anew_if_it_is_still_there(market: Market, left: int) -> None:
    market.goods({"CUP": 1000}, {market.store(): 10})
    wallets.correct(market.shop, 700).ok()
    placed = over(market, {"CUP": 2}, from_balance_minor=700)
    if left != 700:
        wallets.correct(market.shop, left - 700, "THEN").ok()
    order_id = pay_late(market, placed)

    (wallet,) = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    money, revived = market.money(order_id), left == 700
    assert statuses(market, order_id) == (("paid", "captured") if revived else ("cancelled", "voided"))
    assert (wallet["available_minor"], wallet["held_minor"]) == (0 if revived else left, 0)
    assert money["balances"]["charged_minor"] == (2000 if revived else 1300)
    assert [one["amount_minor"] for one in money["refunds"]] == ([] if revived else [1300])
    if revived:
        market.cancel(order_id).ok()
        market.shop.drain()
        (wallet,) = market.shop.get("/me/wallets", as_=INES).ok()["items"]
        back = {one["provider"]: one["amount_minor"] for one in market.money(order_id)["refunds"]}
        assert (wallet["available_minor"], back) == (700, {"stripe": 1300, "balance": 700})
