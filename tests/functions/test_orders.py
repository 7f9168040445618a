"""An order's life, from payment to completion or to its end on the way."""

import pytest

from souk.domains.orders.model.order import Order
from souk.kernel.caller import Caller
from tests.support.market import INES, OTTO, Market


@pytest.fixture
def tea(market: Market) -> Market:
    market.goods({"TEA": 500}, {market.store(): 10})
    return market


def status(market: Market, order_id: str) -> str:
    return str(market.order(order_id)["status"])


@pytest.mark.capability("ORD-08")
@pytest.mark.capability("SHP-06")
def test_the_buyer_follows_the_order_from_payment_to_completion(tea: Market) -> None:
    order_id = tea.buy({"TEA": 2})
    tea.shop.pass_time(minutes=1)
    tea.prepare(order_id)
    tea.shop.pass_time(hours=3)
    tea.ship(order_id).ok()
    assert tea.stock("TEA") == {"on_hand": 8, "reserved": 0, "available": 8}
    tea.shop.pass_time(days=2)
    tea.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
    tea.shop.drain()
    tea.shop.pass_time(days=15)
    order = tea.shop.get(f"/me/orders/{order_id}", as_=INES).ok()
    seen = [step["status"] for step in order["history"]]
    assert seen == ["awaiting_payment", "paid", "confirmed", "shipped", "received", "completed"]
    times = [step["at"] for step in order["history"]]
    assert times == sorted(times) and len(set(times)) >= 5
    assert tea.shop.get(f"/me/orders/{order_id}", as_=OTTO).body == tea.shop.get("/me/orders/ord_0", as_=OTTO).body


@pytest.mark.capability("LST-01")
def test_an_open_order_goes_on_though_its_product_is_delisted(market: Market) -> None:
    made = market.goods({"TEA": 500}, {market.store(): 10})
    unpaid, paid = market.checkout({"TEA": 2}), market.buy({"TEA": 1})
    market.delist(made["TEA"])
    assert market.quote({"TEA": 1}).body["code"] == "not_for_sale"
    assert market.stock("TEA")["reserved"] == 3
    market.pay(unpaid)
    market.hear()
    for order_id in (unpaid["order"]["order_id"], paid):
        market.prepare(order_id)
        market.ship(order_id).ok()
        assert status(market, order_id) == "shipped"


@pytest.mark.capability("ORD-20")
def test_nobody_complains_so_the_order_counts_as_received_and_completes_itself_once(tea: Market) -> None:
    order_id = tea.buy({"TEA": 1})
    tea.prepare(order_id)
    tea.ship(order_id).ok()
    tea.shop.pass_time(days=13, hours=23)
    assert status(tea, order_id) == "shipped"
    tea.shop.pass_time(hours=2)
    assert status(tea, order_id) == "received"
    tea.shop.drain(times=2)
    tea.shop.pass_time(days=15)
    tea.shop.invoke("CompleteOrder", {"order_id": order_id})
    assert status(tea, order_id) == "completed"
    assert len(tea.shop.facts("OrderCompleted")) == 1


@pytest.mark.capability("ORD-20")
def test_an_open_case_puts_the_completion_off(tea: Market) -> None:
    order_id = tea.buy({"TEA": 1})
    tea.prepare(order_id)
    tea.ship(order_id).ok()
    tea.shop.post(f"/me/orders/{order_id}/received", as_=INES).ok()
    tea.shop.drain()
    case = {"order_id": order_id, "reason": "damaged", "text": "The lid", "lines": [{"sku": "TEA", "quantity": 1}]}
    opened = tea.shop.post("/me/refunds", case, as_=INES).ok()
    tea.shop.pass_time(days=16)
    assert status(tea, order_id) == "received"
    path = f"/staff/refunds/{opened['case_id']}/reject"
    tea.shop.post(path, {"text": "It was whole"}, as_=tea.shop.boss).ok()
    tea.shop.pass_time(days=2)
    assert status(tea, order_id) == "completed"


@pytest.mark.capability("INV-04")
@pytest.mark.capability("ORD-12")
@pytest.mark.capability("ORD-17")
def test_who_never_pays_loses_the_order_and_the_stock_is_back_once(tea: Market) -> None:
    placed = tea.checkout({"TEA": 4})
    order_id = placed["order"]["order_id"]
    tea.shop.drain()
    assert tea.pay(placed, "pm_card_visa_chargeDeclined")["status"] == "requires_payment_method"
    tea.hear()
    assert (status(tea, order_id), tea.stock("TEA")["reserved"]) == ("awaiting_payment", 4)
    tea.shop.pass_time(minutes=31)
    for _ in range(2):
        tea.shop.invoke("CloseUnpaid", {"order_id": order_id})
        tea.shop.invoke("SweepOrders", {})
        tea.shop.drain(times=2)
    order = tea.order(order_id)
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "not paid in time")
    assert tea.stock("TEA") == {"on_hand": 10, "reserved": 0, "available": 10}
    assert tea.stripe.objects("payment_intent")[0]["status"] == "canceled"


@pytest.mark.capability("INV-04")
def test_the_sweeper_closes_what_its_timer_has_missed(tea: Market) -> None:
    order_id = tea.checkout({"TEA": 4})["order"]["order_id"]  # no fact is told, so no timer is set
    tea.shop.pass_time(minutes=32)
    tea.shop.invoke("SweepOrders", {})
    assert (status(tea, order_id), tea.stock("TEA")["reserved"]) == ("cancelled", 0)


@pytest.mark.capability("ORD-12")
def test_after_a_declined_card_another_one_pays(tea: Market) -> None:
    placed = tea.checkout({"TEA": 1})
    tea.pay(placed, "pm_card_visa_chargeDeclined")
    tea.hear()
    again = tea.shop.post("/me/payments", {"order_id": placed["order"]["order_id"]}, as_=INES).ok()
    tea.stripe.buyer.pay(again["client_secret"])
    tea.hear()
    tea.shop.drain()
    assert status(tea, placed["order"]["order_id"]) == "paid"
    tea.shop.pass_time(hours=1)
    assert status(tea, placed["order"]["order_id"]) == "paid"


@pytest.mark.capability("ORD-17")
def test_cancelled_before_payment_frees_everything(tea: Market) -> None:
    placed = tea.checkout({"TEA": 2})
    order_id = placed["order"]["order_id"]
    assert tea.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "too dear"}, as_=OTTO).status == 404
    tea.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "too dear"}, as_=INES).ok()
    assert tea.stock("TEA")["available"] == 10
    assert tea.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "again"}, as_=INES).status == 409
    assert tea.stripe.objects("payment_intent")[0]["status"] == "canceled"


@pytest.mark.capability("ORD-17")
def test_cancelled_after_payment_everything_is_paid_back(tea: Market) -> None:
    order_id = tea.buy({"TEA": 2})
    tea.prepare(order_id)
    tea.shop.post(f"/staff/orders/{order_id}/cancel", {"reason": "broken"}, as_=tea.shop.boss).ok()
    tea.shop.drain(times=2)
    assert tea.stock("TEA") == {"on_hand": 10, "reserved": 0, "available": 10}
    (refund,) = tea.stripe.objects("refund")
    assert refund["amount"] == 1000
    tea.shop.invoke("UnprepareOrder", {"order_id": order_id})
    assert tea.shop.rows("Pick") == []


@pytest.mark.capability("ORD-17")
def test_what_has_left_cannot_be_cancelled(tea: Market) -> None:
    order_id = tea.buy({"TEA": 2})
    tea.prepare(order_id)
    tea.ship(order_id).ok()
    before = tea.order(order_id)
    answer = tea.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "late"}, as_=INES)
    assert (answer.status, answer["code"]) == (409, "not_in_that_state")
    assert tea.order(order_id) == before


@pytest.mark.capability("ORD-17")
def test_paid_at_the_moment_of_cancelling_the_money_is_not_lost(tea: Market) -> None:
    placed = tea.checkout({"TEA": 1})
    order_id = placed["order"]["order_id"]
    tea.pay(placed)  # the webhook is still on its way
    answer = tea.shop.post(f"/me/orders/{order_id}/cancel", {"reason": "no"}, as_=INES)
    assert (answer.status, answer["code"]) == (409, "already_paid")
    assert status(tea, order_id) == "paid"


@pytest.mark.capability("ORD-06")
def test_the_desk_lists_filters_and_confirms(tea: Market) -> None:
    tea.set_up(confirm_by_hand=True)
    order_id = tea.buy({"TEA": 1})
    other = tea.checkout({"TEA": 1}, by=OTTO, contact={"name": "Otto", "phone": "+49 30 1234567"})["order"]["order_id"]
    tea.prepare(order_id)
    assert status(tea, order_id) == "paid"

    def found(**query: str) -> list[str]:
        return [card["order_id"] for card in tea.shop.get("/staff/orders", as_=tea.shop.boss, **query).ok()["items"]]

    assert set(found()) == {order_id, other}
    assert found(status="paid") == [order_id]
    assert found(phone_tail="4567") == [other]
    assert found(month="2026-10") == []
    store_id = tea.order(order_id)["store_id"]
    waiting = tea.shop.get(f"/staff/orders/waiting/{store_id}/paid", as_=tea.shop.boss).ok()
    assert [card["order_id"] for card in waiting["items"]] == [order_id]
    confirmed = tea.shop.post(f"/staff/orders/{order_id}/confirm", as_=tea.shop.boss).ok()
    assert confirmed["history"][-1] | {"at": ""} == {"status": "confirmed", "by": "boss", "at": ""}
    assert tea.shop.post(f"/staff/orders/{order_id}/confirm", as_=tea.shop.boss).status == 409


@pytest.mark.capability("ORD-06")
def test_the_desk_is_filtered_by_store_and_by_month_and_shows_a_clerk_the_own_store_only(tea: Market) -> None:
    lisbon = tea.order(first := tea.place({"TEA": 1}))["store_id"]
    porto = tea.store("Souk Bolhão", rank=1)
    tea.receive(porto, {"TEA": 5})
    tea.shop.pass_time(minutes=1)
    second = tea.place({"TEA": 1})
    tea.shop.pass_time(days=30)
    december = tea.place({"TEA": 1})
    assert tea.shop.clock.at.month == 12

    def found(by: Caller = tea.shop.boss, **query: str) -> list[str]:
        return [card["order_id"] for card in tea.shop.get("/staff/orders", as_=by, **query).ok()["items"]]

    assert found() == found(month="2026-12") == [december]
    assert found(month="2026-11") == [second, first]
    assert found(month="2026-11", store_id=lisbon) == [first]
    assert found(month="2026-11", store_id=porto) == [second]
    clerk = tea.shop.staff("orders.read", stores=(porto,))
    assert found(clerk, month="2026-11") == [second]
    assert tea.shop.get("/staff/orders", as_=clerk, month="2026-11", store_id=lisbon).status == 404
    for month in ("2026-13", "2026", "november"):
        assert tea.shop.get("/staff/orders", as_=tea.shop.boss, month=month).status == 422


@pytest.mark.capability("ORD-06")
def test_the_desk_is_filtered_by_a_day_of_the_shops_calendar(tea: Market) -> None:
    tea.set_up(time_zone="Asia/Shanghai")  # eight hours ahead: the last evening of the month is in the next there

    def placed(**passed: float) -> str:
        tea.shop.pass_time(**passed)
        return tea.place({"TEA": 1})

    def found(day: str, **query: str) -> list[str]:
        return [
            card["order_id"]
            for card in tea.shop.get("/staff/orders", as_=tea.shop.boss, day=day, **query).ok()["items"]
        ]

    evening = placed(days=28, hours=6, minutes=59)
    before, after, next_day = placed(milliseconds=59_999), placed(milliseconds=1), placed(days=1)
    assert found("2026-11-30") == [before, evening]
    assert found("2026-12-01") == [after]
    assert found("2026-12-02") == [next_day]
    assert found("2026-12-01", status="completed") == found("2026-12-03") == []
    for day in ("2026-11-31", "1969-12-31", "9999-12-31", "today"):
        assert tea.shop.get("/staff/orders", as_=tea.shop.boss, day=day).status == 422, day


def test_pages_of_orders_have_no_gap_and_no_repeat(tea: Market) -> None:
    placed = []
    for _ in range(7):
        placed.append(tea.checkout({"TEA": 1})["order"]["order_id"])
        tea.shop.pass_time(seconds=1)
    for path, who in (("/me/orders", INES), ("/staff/orders", tea.shop.boss)):
        seen, cursor = [], None
        while True:
            page = tea.shop.get(path, as_=who, limit=3, **({"cursor": cursor} if cursor else {})).ok()
            seen += [card["order_id"] for card in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == placed[::-1]


def test_a_cursor_is_good_for_its_own_list_and_caller_only(tea: Market) -> None:
    for buyer in (INES, INES, OTTO, OTTO):
        tea.checkout({"TEA": 1}, by=buyer)
    cursor = tea.shop.get("/me/orders", as_=INES, limit=1)["next_cursor"]
    assert tea.shop.get("/me/orders", as_=INES, limit=1, cursor=cursor).status == 200
    assert tea.shop.get("/me/orders", as_=OTTO, limit=1, cursor=cursor).status == 400
    assert tea.shop.get("/me/orders", as_=INES, limit=1, cursor="x" + cursor[1:]).status == 400
    assert tea.shop.get("/staff/orders", as_=tea.shop.boss, limit=1, cursor=cursor).status == 400


def test_an_order_can_be_redriven_and_its_workflow_starts_anew(tea: Market) -> None:
    order_id = tea.buy({"TEA": 1})
    tea.shop.post(f"/staff/orders/{order_id}/redrive", as_=tea.shop.boss).ok()
    tea.shop.invoke("RestartLives", {})
    assert sorted(tea.shop.executions("OrderLife")) == [order_id, f"{order_id}-1", f"{order_id}-2"]


def test_an_order_that_was_kept_before_it_told_when_it_moved_can_be_read(tea: Market) -> None:
    tea.place({"TEA": 1})
    (kept,) = tea.shop.rows("Order")
    del kept["moved_at"]
    former = Order.model_validate(kept)
    assert former.moved_at == former.placed_at
