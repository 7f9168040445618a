"""What a provider has taken that does not fit, or does not know: nobody's order is paid by it, and staff can end it."""

from typing import Any

import pytest

from tests.support import books
from tests.support.authorised import state
from tests.support.market import Market
from tests.support.shop import Answer
from tests.support.wechat_pay import WechatPay

pytestmark = pytest.mark.capability("PAY-16")


@pytest.fixture
def market(market: Market, wechat_pay: WechatPay) -> Market:
    market.set_up(currency="CNY", payment_methods=["card", "wechat_pay"])
    market.goods({"CUP": 1000}, {market.store(): 2})
    return market


def misfit(market: Market, wechat_pay: WechatPay, method: str) -> str:
    """An order for which something was paid that is not what is due."""
    placed = market.checkout({"CUP": 2}, payment_method=method).ok()
    intent_id = placed["payment"]["intent_id"]
    if method == "card":
        intent_of(market, intent_id)["amount"] = 1999
        market.stripe.buyer.pay(placed["payment"]["client_secret"])
        market.hear()
    else:
        wechat_pay.merchant.pay(intent_id)
        wechat_pay.merchant.orders[intent_id]["paid"]["amount"]["total"] = 1999
        wechat_pay.tell(market.shop)
    return str(placed["order"]["order_id"])


def intent_of(market: Market, intent_id: str) -> dict[str, Any]:
    found: dict[str, Any] = market.stripe.fake.account.objects["payment_intent"][intent_id]
    return found


def end(market: Market, order_id: str) -> Answer:
    return market.shop.post(f"/staff/orders/{order_id}/cancel", {"reason": "looked into"}, as_=market.shop.boss)


@pytest.mark.parametrize("method", ["card", "wechat_pay"])
def test_an_order_for_which_something_else_was_paid_is_ended_by_staff_alone(
    market: Market, wechat_pay: WechatPay, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = misfit(market, wechat_pay, method)
    refused = market.cancel(order_id)
    assert (refused.status, refused["code"]) == (409, "payment_set_aside")
    market.shop.pass_time(hours=3)
    market.shop.invoke("CloseUnpaid", {"order_id": order_id})
    assert state(market, order_id) == ("awaiting_payment", "awaiting")
    assert market.stock("CUP")["reserved"] == 2

    end(market, order_id).ok()
    assert state(market, order_id) == ("cancelled", "voided")
    assert market.stock("CUP")["available"] == 2
    assert books.entries(market.shop) == []
    capsys.readouterr()
    market.shop.invoke("PollPayments", {})
    assert "PaymentQuarantined" not in capsys.readouterr().out


@pytest.mark.parametrize("authorised", [False, True])
def test_an_order_whose_payment_the_provider_does_not_know_is_ended_by_staff_alone(
    market: Market, authorised: bool
) -> None:
    """As where the shop has gone over to another account meanwhile."""
    market.set_up(capture="at_shipment")
    if authorised:
        order_id = market.buy({"CUP": 2})
        market.prepare(order_id)
    else:
        order_id = market.place({"CUP": 2})
    before = state(market, order_id)
    market.stripe.fake.account.objects["payment_intent"].clear()
    refused = market.cancel(order_id)
    assert (refused.status, refused["code"]) == (422, "unknown_to_provider")
    assert state(market, order_id) == before

    end(market, order_id).ok()
    assert state(market, order_id) == ("cancelled", "voided")
    assert market.stock("CUP")["available"] == 2
    assert books.entries(market.shop) == []
