"""What goes wrong in small ways: it is answered clearly, and holds nothing else up."""

from typing import Any

import pytest

from souk.domains.access.model.callers import guest_id
from souk.domains.access.model.rights import SHOP
from souk.kernel.caller import Caller
from tests.support.market import ADDRESS, CONTACT, INES, OTTO, Market


@pytest.fixture
def tea(market: Market) -> Market:
    market.goods({"TEA": 500}, {market.store(): 10})
    return market


def assisted(market: Market, by: Caller, key: str = "1", **more: Any) -> Any:
    order = {"buyer_id": INES.id, "address": ADDRESS, "contact": CONTACT, "lines": [{"sku": "TEA", "quantity": 1}]}
    return market.shop.post("/staff/assisted-orders", order | more, as_=by, headers={"Idempotency-Key": key})


def test_a_guest_who_merges_the_own_cart_keeps_it(tea: Market) -> None:
    token = "gst_0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    guest = Caller(id=guest_id(token), kind="guest", may=frozenset({SHOP}))
    tea.shop.put("/me/cart/lines/TEA", {"quantity": 2}, as_=guest).ok()
    merged = tea.shop.post("/me/cart/merge", {"guest_token": token}, as_=guest).ok()
    assert [(line["sku"], line["quantity"]) for line in merged["lines"]] == [("TEA", 2)]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z"])
def test_a_date_that_no_calendar_of_the_shop_has_is_refused(tea: Market, at: str) -> None:
    assert assisted(tea, tea.shop.boss, placed_at=at, reason="old").status == 422


def test_goods_priced_in_a_currency_that_the_shop_takes_no_more_are_not_for_sale(tea: Market) -> None:
    tea.shop.put("/me/cart/lines/TEA", {"quantity": 1}, as_=INES).ok()
    tea.set_up(currency="JPY")
    assert tea.quote({"TEA": 1}).body["code"] == "not_for_sale"
    assert tea.shop.get("/me/cart", as_=INES).ok()["lines"][0]["for_sale"] is False


def test_an_order_that_costs_nothing_is_refused_and_reserves_nothing(tea: Market) -> None:
    lines = [{"sku": "TEA", "quantity": 1, "discount_basis_points": 10_000}]
    answer = assisted(tea, tea.shop.boss, lines=lines, freight_minor=0, reason="gift")
    assert (answer.status, answer["code"]) == (422, "costs_nothing")
    assert tea.stock("TEA")["reserved"] == 0


def test_an_amount_that_the_provider_refuses_leaves_an_order_that_can_be_repeated(tea: Market) -> None:
    lines = [{"sku": "TEA", "quantity": 1, "unit_price_minor": 1}]
    first, again = (assisted(tea, tea.shop.boss, lines=lines, freight_minor=0, reason="cent") for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first["order"]["order_id"] == again["order"]["order_id"]
    assert first["payment"] is None and again["payment"] is None


@pytest.mark.capability("STO-02")
def test_staff_of_a_store_take_orders_that_their_store_serves(market: Market) -> None:
    other, own = market.store("Other", rank=1), market.store("Own", rank=2)
    market.goods({"TEA": 500}, {other: 5, own: 5})
    clerk = market.shop.staff("orders.assist", stores=(own,))
    assert assisted(market, clerk).ok()["order"]["store_id"] == own


def test_a_buyer_is_not_told_which_of_the_staff_did_it(tea: Market) -> None:
    order_id = tea.buy({"TEA": 1})
    tea.shop.post(f"/staff/orders/{order_id}/confirm", as_=tea.shop.boss).ok()
    seen = {step["by"] for step in tea.shop.get(f"/me/orders/{order_id}", as_=INES).ok()["history"]}
    assert seen == {"buyer", "shop"}


@pytest.mark.capability("PAY-16")
def test_a_payment_that_the_provider_fails_over_does_not_keep_another_from_being_found(tea: Market) -> None:
    first, second = tea.checkout({"TEA": 1}), tea.checkout({"TEA": 1}, by=OTTO)
    for placed in (first, second):
        tea.pay(placed)  # and no webhook comes
    failing = first["payment"]["intent_id"]
    tea.stripe.fail_next("error_before", count=1, path=f"/v1/payment_intents/{failing}")
    tea.shop.invoke("PollPayments", {})
    assert [tea.order(one["order"]["order_id"])["status"] for one in (first, second)] == ["awaiting_payment", "paid"]
    tea.shop.invoke("PollPayments", {})
    assert tea.order(first["order"]["order_id"])["status"] == "paid"


def test_a_paid_order_whose_workflow_was_lost_is_prepared_by_the_sweeper(tea: Market) -> None:
    order_id = tea.buy({"TEA": 1})
    tea.shop.invoke("SweepOrders", {})
    assert tea.order(order_id)["status"] == "paid"
    tea.shop.pass_time(minutes=16)
    tea.shop.invoke("SweepOrders", {})
    assert tea.order(order_id)["status"] == "confirmed"
