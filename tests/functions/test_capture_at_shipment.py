"""Money that the buyer's bank has promised, and that is taken when the goods leave or something else needs it."""

import json
from itertools import permutations
from typing import Any

import pytest

from infra.local.stripe import charges as stripe_charges
from infra.local.stripe import intents
from infra.local.stripe.errors import ApiError
from souk.kernel import kept
from tests.support import books
from tests.support.authorised import booked, charges, money, status
from tests.support.market import ADDRESS, INES, Market

pytestmark = pytest.mark.capability("PAY-04")


@pytest.fixture
def market(market: Market) -> Market:
    market.set_up(capture="at_shipment", payment_methods=["card", "paypal", "alipay_abroad"])
    market.goods({"CUP": 1000, "POT": 5000}, {market.store(): 50})
    return market


def authorised(market: Market, wanted: dict[str, int] | None = None) -> str:
    """An order that goes its way, of which nothing is taken yet; its id."""
    order_id = market.buy(wanted or {"CUP": 3})
    market.prepare(order_id)
    assert (status(market, order_id), money(market, order_id)) == ("confirmed", "authorised")
    return order_id


def intent_of(market: Market, order_id: str) -> str:
    return str(market.money(order_id)["payment"]["attempts"][0]["intent_id"])


def kinds(market: Market, order_id: str) -> list[str]:
    return [event["kind"] for event in market.money(order_id)["events"]]


def topics(market: Market, inbox: str) -> set[str]:
    return {row["topic"] for row in market.shop.rows("Message") if row.get("owner_id") == inbox}


def refuse(*_: Any) -> None:
    raise ApiError("The charge has expired.", code="charge_expired_for_capture")


def deliver(market: Market, told: Any) -> None:
    body, signature = told
    market.shop.call("POST", "/hooks/stripe", raw=body.decode(), headers={"Stripe-Signature": signature}).ok()


def test_it_is_taken_and_booked_once_at_the_moment_the_goods_leave(market: Market) -> None:
    order_id = authorised(market, {"CUP": 3, "POT": 1})
    file = market.money(order_id)
    assert (charges(market), booked(market), kinds(market, order_id)) == ([(0, 0)], [], [])
    assert (file["balances"]["authorised_minor"], file["balances"]["charged_minor"]) == (8000, 0)
    assert file["payment"]["refundable_minor"] == 0
    books.check(market.shop)
    market.ship(order_id, units={"CUP": 1}).ok()
    assert (charges(market), money(market, order_id)) == ([(8000, 0)], "captured")
    assert (kinds(market, order_id), sorted(booked(market))) == (["charge"], ["charge", "sale"])
    market.ship(order_id, tracking_number="T-2").ok()
    market.hear()
    market.shop.invoke("PollPayments", {})
    assert (kinds(market, order_id), sorted(booked(market))) == (["charge"], ["charge", "sale"])
    books.check(market.shop)


def test_it_is_taken_when_the_buyer_fetches_the_goods(market: Market) -> None:
    store_id = market.store("Fetched", pickup=True)
    market.receive(store_id, {"CUP": 5})
    order_id = market.pickup({"CUP": 1}, store_id)
    market.shop.post(f"/staff/pickups/{order_id}/ready", as_=market.shop.boss).ok()
    code = market.shop.get(f"/me/orders/{order_id}", as_=INES).ok()["pickup"]["code"]
    asked = {"store_id": store_id}
    wrong = "000000" if code != "000000" else "111111"
    assert (
        market.shop.post(f"/staff/pickups/{order_id}/hand-out", asked | {"code": wrong}, as_=market.shop.boss).status
        != 200
    )
    assert charges(market) == [(0, 0)]
    market.shop.post(f"/staff/pickups/{order_id}/hand-out", asked | {"code": code}, as_=market.shop.boss).ok()
    assert (status(market, order_id), charges(market)) == ("received", [(1000, 0)])
    books.check(market.shop)


def test_what_is_cancelled_before_is_never_taken_and_nothing_has_to_go_back(market: Market) -> None:
    order_id = authorised(market)
    market.cancel(order_id).ok()
    market.shop.drain()
    market.hear()
    market.shop.drain()
    file = market.money(order_id)
    assert (status(market, order_id), file["payment"]["status"]) == ("cancelled", "voided")
    assert (file["refunds"], file["events"], booked(market)) == ([], [], [])
    assert (charges(market), market.stripe.fake.account.balances()) == ([(0, 3000)], {})
    assert market.stock("CUP") == {"on_hand": 50, "reserved": 0, "available": 50}
    told = topics(market, INES.id)
    assert "order_cancelled" in told and "paid_order_cancelled" not in told
    books.check(market.shop)


@pytest.mark.parametrize("way", ["goodwill", "shortage"])
def test_what_pays_back_a_part_takes_it_first(market: Market, way: str) -> None:
    order_id = authorised(market)
    if way == "goodwill":
        given = {"reference": "G-1", "amount_minor": 400, "reason": "late"}
        market.shop.post(f"/staff/payments/{order_id}/refunds", given, as_=market.shop.boss).ok()
        back = 400
    else:
        short = {"reference": "S-1", "sku": "CUP", "units": 1, "reason": "broken"}
        found = market.shop.post(f"/staff/shortages/{order_id}", short, as_=market.shop.boss).ok()
        (shortage,) = found["shortages"]
        assert charges(market) == [(0, 0)]
        path = f"/me/shortages/{order_id}/{shortage['shortage_id']}"
        market.shop.post(path, {"choice": "refund"}, as_=INES).ok()
        back = 1000
    market.shop.drain()
    market.hear()
    assert charges(market) == [(3000, back)]
    assert market.money(order_id)["balances"]["refunded_minor"] == back
    books.check(market.shop)


def test_an_order_is_taken_before_it_is_split(market: Market) -> None:
    order_id = authorised(market, {"CUP": 2, "POT": 1})
    other = market.store("Other")
    market.receive(other, {"POT": 5})
    parts = {"parts": [{"store_id": other, "units": {"POT": 1}}], "reason": "sooner"}
    market.shop.post(f"/staff/handling/{order_id}/split", parts, as_=market.shop.boss).ok()
    assert (charges(market), money(market, order_id)) == ([(7000, 0)], "moved")
    books.check(market.shop)


def test_a_split_to_a_store_that_has_too_little_takes_nothing(market: Market) -> None:
    order_id = authorised(market, {"CUP": 2, "POT": 3})
    other = market.store("Other")
    market.receive(other, {"POT": 1})
    before = market.shop.everything()
    for units, lacking in (({"POT": 2}, "POT"), ({"CUP": 1, "POT": 1}, "CUP")):
        parts = {"parts": [{"store_id": other, "units": units}], "reason": "sooner"}
        refused = market.shop.post(f"/staff/handling/{order_id}/split", parts, as_=market.shop.boss)
        assert (refused.status, refused["code"], refused["sku"]) == (409, "insufficient_stock", lacking)
    assert market.shop.everything() == before
    assert charges(market) == [(0, 0)]


@pytest.mark.parametrize("finder", ["start", "workflow", "sweeper"])
def test_an_order_of_several_stores_is_taken_as_it_is_shared_out(market: Market, finder: str) -> None:
    other = market.store("Other")
    market.receive(other, {"CUP": 30, "POT": 60})
    order_id = market.paid({"CUP": 60, "POT": 1})
    assert charges(market) == [(0, 0)]
    if finder == "workflow":
        market.prepare(order_id)
    elif finder == "sweeper":
        market.shop.pass_time(hours=3)
        market.shop.invoke("SweepOrders", {})
    market.shop.drain()
    assert (status(market, order_id), charges(market)) == ("split", [(65_000, 0)])
    books.check(market.shop)


def test_orders_are_taken_before_they_are_merged(market: Market) -> None:
    order_ids = [authorised(market), authorised(market)]
    wanted = {"order_ids": order_ids, "reason": "one parcel"}
    market.shop.post("/staff/handling/merge", wanted, as_=market.shop.boss).ok()
    assert charges(market) == [(3000, 0), (3000, 0)]
    books.check(market.shop)


def test_after_six_days_it_is_taken_though_nothing_has_left(market: Market) -> None:
    order_id = authorised(market)
    market.shop.pass_time(days=5, hours=23)
    market.shop.invoke("PollPayments", {})
    assert charges(market) == [(0, 0)]
    market.shop.pass_time(hours=2)
    market.shop.invoke("PollPayments", {})
    market.shop.invoke("PollPayments", {})
    assert (status(market, order_id), charges(market), kinds(market, order_id)) == (
        "confirmed",
        [(3000, 0)],
        ["charge"],
    )
    market.ship(order_id).ok()
    assert charges(market) == [(3000, 0)]
    books.check(market.shop)


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_after"])
def test_an_answer_that_is_lost_is_found_out_and_nothing_is_taken_twice(market: Market, fault: str) -> None:
    order_id = authorised(market)
    intent_id = intent_of(market, order_id)
    market.stripe.fail_next(fault, 2, f"/v1/payment_intents/{intent_id}/capture")
    assert market.ship(order_id).status in (201, 503)
    market.stripe.control("config", faults=[])
    market.ship(order_id).ok()
    assert (status(market, order_id), charges(market), kinds(market, order_id)) == ("shipped", [(3000, 0)], ["charge"])


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_what_stripe_tells_may_come_in_any_order_and_twice(market: Market, order: tuple[int, ...]) -> None:
    market.stripe.ask_for("*")
    placed = market.checkout({"CUP": 3})
    order_id = str(placed["order"]["order_id"])
    market.pay(placed)
    told = market.stripe.webhooks()
    market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
    market.prepare(order_id)
    market.ship(order_id).ok()
    told += market.stripe.webhooks()
    about = ("payment_intent.amount_capturable_updated", "payment_intent.succeeded")
    picked = [next(one for one in told if json.loads(one.body)["type"] == type) for type in about]
    for place in (*order, *order):
        deliver(market, picked[place])
    assert (status(market, order_id), charges(market), kinds(market, order_id)) == ("shipped", [(3000, 0)], ["charge"])


def test_what_was_captured_elsewhere_is_captured(market: Market) -> None:
    order_id = authorised(market)
    market.stripe.webhooks()
    intent_id = intent_of(market, order_id)
    intents.capture(market.stripe.fake.account, intents.Capture(), intent_id)
    market.hear()
    market.hear()
    assert (status(market, order_id), money(market, order_id)) == ("confirmed", "captured")
    assert sorted(booked(market)) == ["charge", "sale"]
    market.ship(order_id).ok()
    assert charges(market) == [(3000, 0)]


@pytest.mark.parametrize("finder", ["webhook", "poller"])
def test_an_order_whose_money_was_let_go_ends_and_staff_are_told(market: Market, finder: str) -> None:
    order_id = authorised(market)
    market.stripe.webhooks()
    market.shop.pass_time(days=8)
    market.stripe.fake.tick()
    if finder == "webhook":
        assert [answer["outcome"] for answer in market.hear()] == ["AuthorisationLapsed"]
    else:
        market.shop.invoke("PollPayments", {})
    market.hear()
    market.shop.drain()
    order = market.order(order_id)
    assert (order["status"], order["cancel_reason"]) == ("cancelled", "the payment was let go before it was taken")
    assert (money(market, order_id), booked(market), charges(market)) == ("voided", [], [(0, 3000)])
    assert market.stock("CUP")["available"] == 50
    assert "order_cancelled" in topics(market, INES.id)
    assert [row for row in market.shop.rows("Message") if row.get("topic") == "payment_lapsed"]


def test_what_the_provider_refuses_to_take_keeps_the_goods_here(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = authorised(market)
    with monkeypatch.context() as patched:
        patched.setattr(stripe_charges, "capture", refuse)
        refused = market.ship(order_id)
    assert (refused.status, refused["code"], refused["reason"]) == (409, "not_taken", "charge_expired_for_capture")
    assert (status(market, order_id), money(market, order_id), booked(market)) == ("confirmed", "authorised", [])
    market.ship(order_id).ok()
    assert charges(market) == [(3000, 0)]


def test_what_the_provider_refuses_to_take_in_the_end_is_asked_for_again(
    market: Market, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    order_id = authorised(market)
    market.shop.pass_time(days=6, hours=1)
    with monkeypatch.context() as patched:
        patched.setattr(stripe_charges, "capture", refuse)
        capsys.readouterr()
        market.shop.invoke("PollPayments", {})
        assert '"NothingNew":[1.0]' in capsys.readouterr().out
    assert money(market, order_id) == "authorised"
    market.shop.invoke("PollPayments", {})
    assert (status(market, order_id), charges(market)) == ("confirmed", [(3000, 0)])


def test_what_takes_at_once_is_not_waited_for(market: Market) -> None:
    placed = market.checkout({"CUP": 1}, payment_method="alipay_abroad")
    seen = market.stripe.buyer.pay(placed["payment"]["client_secret"], "pm_alipay")
    market.stripe.buyer.answer_bank(seen, yes=True)
    market.hear()
    assert money(market, placed["order"]["order_id"]) == "captured"


def test_what_is_authorised_stays_so_though_the_shop_has_changed_its_mind(market: Market) -> None:
    order_id = authorised(market)
    market.set_up(capture="at_once")
    market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
    assert (money(market, order_id), charges(market)) == ("authorised", [(0, 0)])
    market.ship(order_id).ok()
    assert charges(market) == [(3000, 0)]


def test_what_nobody_answers_about_a_shortage_takes_it_before_a_part_goes_back(market: Market) -> None:
    order_id = authorised(market)
    short = {"reference": "S-1", "sku": "CUP", "units": 1, "reason": "broken"}
    market.shop.post(f"/staff/shortages/{order_id}", short, as_=market.shop.boss).ok()
    market.shop.drain()
    market.shop.pass_time(days=4)
    market.shop.drain()
    market.hear()
    assert charges(market) == [(3000, 1000)]
    books.check(market.shop)


def ready_for_a_day(market: Market) -> str:
    """An order that waits in a store to be fetched."""
    market.set_up(pickup_seconds=86_400)
    store_id = market.store("Fetched", pickup=True)
    market.receive(store_id, {"CUP": 5})
    order_id = market.pickup({"CUP": 1}, store_id)
    market.shop.post(f"/staff/pickups/{order_id}/ready", as_=market.shop.boss).ok()
    market.shop.drain()
    return order_id


def test_what_is_not_fetched_in_time_is_never_taken(market: Market) -> None:
    order_id = ready_for_a_day(market)
    market.shop.pass_time(days=2)
    assert (status(market, order_id), money(market, order_id)) == ("cancelled", "voided")
    assert charges(market) == [(0, 1000)]


def test_what_was_taken_at_the_last_moment_goes_back(market: Market) -> None:
    order_id = ready_for_a_day(market)
    intents.capture(market.stripe.fake.account, intents.Capture(), intent_of(market, order_id))
    market.shop.pass_time(days=2)
    market.shop.drain()
    market.hear()
    assert (status(market, order_id), charges(market)) == ("cancelled", [(1000, 1000)])
    books.check(market.shop)


def test_a_return_page_finds_that_the_money_was_let_go(market: Market) -> None:
    order_id = authorised(market)
    market.shop.pass_time(days=8)
    market.stripe.fake.tick()
    market.shop.post(f"/me/payments/{order_id}/return", as_=INES).ok()
    assert (status(market, order_id), money(market, order_id)) == ("cancelled", "voided")


def test_an_order_that_is_rejected_is_never_taken(market: Market) -> None:
    market.set_up(review_above_minor=1)
    order_id = market.buy({"CUP": 3})
    market.lay_out(order_id)
    assert (status(market, order_id), money(market, order_id)) == ("held", "authorised")
    market.shop.post(f"/staff/handling/{order_id}/reject", {"reason": "fraud"}, as_=market.shop.boss).ok()
    assert (status(market, order_id), money(market, order_id), charges(market)) == ("cancelled", "voided", [(0, 3000)])


def test_a_correction_that_pays_freight_back_takes_it_first(market: Market) -> None:
    far = {**ADDRESS, "country": "ES", "city": "Madrid"}
    market.set_up(delivery_areas=[])
    store_id = market.store("Dear", freight_minor=900)
    market.goods({"JAR": 100}, {store_id: 5})
    order_id = authorised(market, {"JAR": 1})
    sheet = market.shop.get(f"/staff/stores/{store_id}", as_=market.shop.boss).ok()
    changed = {name: value for name, value in sheet.items() if name not in ("store_id", "central")}
    market.shop.put(f"/staff/stores/{store_id}", changed | {"freight_minor": 400}, as_=market.shop.boss).ok()
    kept.forget_all()
    asked = {"version": market.order(order_id)["version"], "address": far, "reason": "moved", "refund_difference": True}
    market.shop.post(f"/staff/handling/{order_id}/correct", asked, as_=market.shop.boss).ok()
    market.shop.drain()
    market.hear()
    assert charges(market) == [(1000, 500)]
    books.check(market.shop)


def test_reports_count_what_was_let_go_as_paid_back(market: Market) -> None:
    order_id = authorised(market)
    market.cancel(order_id).ok()
    market.shop.drain()
    (day,) = market.shop.rows("DaySales")
    assert (day["total_minor"], day["cancelled"], day["refunded_minor"]) == (3000, 1, 3000)


def test_what_the_balance_pays_a_part_of_is_taken_when_paid(market: Market) -> None:
    started = market.shop.post(
        "/me/payments/top-ups", {"amount_minor": 5000}, as_=INES, headers={"Idempotency-Key": "top-up"}
    ).ok()
    market.stripe.buyer.pay(started["payment"]["client_secret"], "pm_card_visa")
    market.hear()
    placed = market.checkout({"CUP": 3}, from_balance_minor=700)
    market.pay(placed)
    market.hear()
    assert money(market, placed["order"]["order_id"]) == "captured"
    assert charges(market) == [(5000, 0), (2300, 0)]
