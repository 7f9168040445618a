"""Whichever provider takes a Chinese buyer's money: every way in which an order begins, and in which it ends."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from tests.support.alipay import Alipay
from tests.support.market import ADDRESS, CONTACT, INES, Market
from tests.support.sales import buy, running
from tests.support.shop import Answer
from tests.support.wechat_pay import WechatPay


class Paying(NamedTuple):
    method: str
    at: WechatPay | Alipay

    def pay(self, begun: Any) -> bool:
        return bool(self.at.merchant.pay(begun["intent_id"]))


@pytest.fixture(
    params=[
        pytest.param("wechat_pay", marks=pytest.mark.capability("PAY-01")),
        pytest.param("alipay", marks=pytest.mark.capability("PAY-02")),
    ]
)
def paying(request: pytest.FixtureRequest) -> Paying:
    return Paying(request.param, request.getfixturevalue(request.param))


@pytest.fixture
def market(market: Market, paying: Paying) -> Market:
    """A shop in China that takes cards too."""
    market.set_up(currency="CNY", payment_methods=["card", paying.method])
    market.goods({"CUP": 1000}, {market.store(): 50})
    return market


def place(market: Market, paying: Paying) -> Answer:
    return market.checkout({"CUP": 1}, payment_method=paying.method)


def change_to(market: Market, paying: Paying, placed: Any) -> Any:
    wish = {"order_id": placed["order"]["order_id"], "method": paying.method}
    return market.shop.post("/me/payments", wish, as_=INES).ok()


def take_by_staff(market: Market, key: str = "telephone") -> Answer:
    wanted = {"buyer_id": INES.id, "address": ADDRESS, "contact": CONTACT, "lines": [{"sku": "CUP", "quantity": 1}]}
    headers = {"Idempotency-Key": key}
    return market.shop.post("/staff/assisted-orders", wanted, as_=market.shop.boss, headers=headers)


def out_of_a_sale(market: Market) -> Callable[[], Answer]:
    sale_id = running(market, market.shop.rows("Stock")[0]["store_id"], "CUP")
    return lambda: buy(market, sale_id, key="one")


ENDS: dict[str, Callable[[Market, str], Any]] = {
    "the buyer": lambda market, order_id: market.cancel(order_id).ok(),
    "staff": lambda market, order_id: market.shop.post(
        f"/staff/orders/{order_id}/cancel", {"reason": "asked for"}, as_=market.shop.boss
    ).ok(),
    "its deadline": lambda market, order_id: market.shop.invoke("CloseUnpaid", {"order_id": order_id}),
    "the sweeper": lambda market, order_id: _sweep(market),
}


def _sweep(market: Market) -> None:
    market.shop.clock.at += timedelta(hours=2)  # and no timer has fired
    market.shop.invoke("SweepOrders", {})


@pytest.mark.parametrize("end", ENDS)
def test_an_order_that_is_ended_unpaid_can_be_paid_no_more(market: Market, paying: Paying, end: str) -> None:
    placed = place(market, paying).ok()
    ENDS[end](market, placed["order"]["order_id"])
    assert market.order(placed["order"]["order_id"])["status"] == "cancelled"
    assert not paying.pay(placed["payment"])
    assert market.stock("CUP")["reserved"] == 0


@pytest.mark.parametrize("end", ENDS)
def test_an_order_that_is_paid_at_the_last_moment_is_paid(market: Market, paying: Paying, end: str) -> None:
    placed = place(market, paying).ok()
    order_id = placed["order"]["order_id"]
    assert paying.pay(placed["payment"])
    if end in ("the buyer", "staff"):
        with pytest.raises(AssertionError, match="already_paid"):
            ENDS[end](market, order_id)
    else:
        ENDS[end](market, order_id)
    assert market.order(order_id)["status"] == "paid"
    assert paying.at.merchant.balance() == 1000, "closing a trade never gives its money back"


@pytest.mark.parametrize("begun_by", ["staff", "a sale"])
def test_what_was_begun_with_a_card_is_paid_as_its_buyer_likes(market: Market, paying: Paying, begun_by: str) -> None:
    take = out_of_a_sale(market) if begun_by == "a sale" else lambda: take_by_staff(market)
    by_code = change_to(market, paying, take().ok())
    assert take().ok()["payment"] == by_code
    assert paying.pay(by_code)


@pytest.mark.capability("PAY-08")
@pytest.mark.parametrize("begun_by", ["staff", "a sale"])
def test_a_shop_without_cards_is_paid_for_what_staff_take_and_for_flash_sales(
    market: Market, paying: Paying, begun_by: str
) -> None:
    market.set_up(payment_methods=[paying.method])
    take = out_of_a_sale(market) if begun_by == "a sale" else lambda: take_by_staff(market)
    placed = take().ok()
    assert (placed["payment"]["method"], placed["order"]["payment_method"]) == (paying.method, paying.method)
    assert take().ok()["payment"] == placed["payment"]
    assert paying.pay(placed["payment"])
    assert [answer.status for answer in paying.at.tell(market.shop)] == [200]
    assert market.order(placed["order"]["order_id"])["status"] == "paid"


@pytest.mark.capability("PAY-08")
def test_what_is_too_little_for_every_method_is_taken_by_nobody(market: Market) -> None:
    market.set_up(payment_methods=["card"], payment_limits=[{"method": "card", "least_minor": 9000}])
    refused = take_by_staff(market)
    assert (refused.status, refused["code"]) == (422, "payment_method_off")
