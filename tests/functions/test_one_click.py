"""One click: from goods and a member's defaults to a paid order, in one request that may be sent again."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from moto.sns.models import sns_backends

from souk.domains.access.actions import callers
from souk.domains.access.model.rights import PROFILE, SHOP
from souk.kernel.caller import Caller
from tests.support.alipay import Alipay
from tests.support.context import ACCOUNT, REGION
from tests.support.kept import MANDATES, PATH, agree, keep, one_click, settle_in
from tests.support.market import ADDRESS, CONTACT, INES, OTTO, Market
from tests.support.people import People
from tests.support.shop import Answer
from tests.support.table import calls
from tests.support.wechat_pay import WechatPay

ASKS_WHO_IS_THERE = "pm_card_authenticationRequiredOnSetup"  # and nobody who is away, once it is kept
ALWAYS_ASKS, DECLINED = "pm_card_authenticationRequired", "pm_card_chargeCustomerFail"


@pytest.fixture
def market(market: Market) -> Market:
    market.goods({"CUP": 1000, "POT": 4000}, {market.store(): 90})
    return market


def order_id_of(answer: Answer) -> str:
    return str(answer.ok()["order"]["order_id"])


def charged(market: Market) -> list[int]:
    """What reached the bank and was not declined."""
    return [one["amount"] for one in market.stripe.objects("charge") if one["status"] == "succeeded"]


def answer_bank(market: Market, *, yes: bool) -> None:
    market.stripe.buyer.answer_bank(market.stripe.objects("payment_intent")[-1], yes=yes)


@pytest.mark.capability("PAY-12")
def test_goods_are_bought_with_one_request_by_what_a_member_has_set(market: Market) -> None:
    settle_in(market)
    bought = one_click(market, {"CUP": 2, "POT": 1})
    assert (bought.status, bought["standing"], bought["payment"]) == (201, "paid", None)
    order = bought["order"]
    assert (order["status"], order["total_minor"]) == ("paid", 6000)
    assert order["address"] == ADDRESS | {"region": None, "point": None}
    assert charged(market) == [6000]
    market.hear()
    market.shop.drain()
    assert market.money(order["order_id"])["balances"]["charged_minor"] == 6000
    assert len(market.shop.facts("OrderPaid")) == 1


@pytest.mark.capability("PAY-12")
def test_the_same_request_is_the_same_order_and_one_charge_whatever_is_set_meanwhile(market: Market) -> None:
    settle_in(market)
    first = one_click(market, {"CUP": 2}, key="once").ok()
    market.shop.post("/me/addresses", {"address": ADDRESS | {"street": "Rua Nova 1"}, "default": True}, as_=INES).ok()
    market.shop.post(f"{PATH}/{keep(market, 'pm_card_amex')}/default", as_=INES).ok()
    for _ in range(3):
        assert one_click(market, {"CUP": 2}, key="once").ok() == first
    assert charged(market) == [2000] and len(market.shop.rows("Order")) == 1
    other = one_click(market, {"CUP": 3}, key="once")
    assert (other.status, other["code"]) == (409, "idempotency_key_reused")
    assert order_id_of(one_click(market, {"CUP": 2}, by=INES, key="twice")) != first["order"]["order_id"]


@pytest.mark.capability("PAY-12")
def test_what_is_in_the_cart_is_bought_and_is_in_it_no_more(market: Market) -> None:
    settle_in(market)
    for sku, quantity in (("CUP", 2), ("POT", 1)):
        market.shop.post("/me/cart/lines", {"sku": sku, "quantity": quantity}, as_=INES).ok()
    bought = one_click(market, None, key="cart").ok()
    assert {line["sku"]: line["quantity"] for line in bought["order"]["lines"]} == {"CUP": 2, "POT": 1}
    assert market.shop.get("/me/cart", as_=INES).ok()["lines"] == []
    assert one_click(market, None, key="cart").ok() == bought
    again = one_click(market, None, key="again")
    assert (again.status, again["code"]) == (422, "nothing_in_cart")


def test_what_is_named_goes_before_the_defaults(market: Market) -> None:
    settle_in(market)
    other = market.shop.post("/me/addresses", {"address": ADDRESS | {"street": "Rua Nova 1"}}, as_=INES).ok()
    amex, quote = keep(market, "pm_card_amex"), market.quote({"CUP": 1}).ok()
    named = {"address_id": other["address_id"], "method_id": amex, "quote_id": quote["quote_id"]}
    bought = one_click(market, {"CUP": 1}, **named).ok()
    assert bought["order"]["address"]["street"] == "Rua Nova 1"
    assert [one["payment_method"] for one in market.stripe.objects("charge")] == [amex]


def test_a_price_that_was_agreed_to_and_has_changed_is_refused_with_todays(market: Market) -> None:
    settle_in(market)
    product = market.goods({"JAR": 700}, {market.store("Souk Baixa"): 5})["JAR"]
    agreed = market.quote({"JAR": 1}).ok()["quote_id"]
    market.set_price(product, "JAR", 800)
    refused = one_click(market, {"JAR": 1}, quote_id=agreed)
    assert (refused.status, refused["code"], refused["quote"]["total_minor"]) == (409, "quote_changed", 800)
    assert one_click(market, {"JAR": 1}).ok()["order"]["total_minor"] == 800


@pytest.mark.parametrize(
    ("has_address", "has_card", "body", "code"),
    [
        (False, True, {}, "no_default_address"),
        (True, False, {}, "nothing_kept"),
        (True, True, {"contact": None}, "no_contact"),
        (True, True, {"lines": None}, "nothing_in_cart"),
        (True, True, {"lines": []}, "not_valid"),
        (True, True, {"price_minor": 1}, "not_valid"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_ordered(
    market: Market, has_address: bool, has_card: bool, body: dict[str, Any], code: str
) -> None:
    if has_address:
        market.shop.post("/me/addresses", {"address": ADDRESS}, as_=INES).ok()
    if has_card:
        keep(market)
    with market.shop.unchanged():
        refused = one_click(market, {"CUP": 1}, **body)
        assert (refused.status, refused["code"]) == (422, code)
    assert charged(market) == []


def test_without_a_contact_it_is_the_members_own_telephone(market: Market, people: People) -> None:
    member = callers.recognise(f"Bearer {people.sign_up().ok()['id_token']}")
    settle_in(market, by=member)
    market.shop.put("/me/profile/phone", {"phone": "+351 910 000 118"}, as_=member).ok()
    [(_, text)] = sns_backends[ACCOUNT][REGION].sms_messages.values()
    market.shop.post("/me/profile/phone/confirm", {"code": re.findall("[0-9]{6}", text)[0]}, as_=member).ok()
    bought = one_click(market, {"CUP": 1}, by=member, contact=None).ok()
    assert bought["order"]["contact"] == {"name": ADDRESS["name"], "phone": "+351910000118", "email": None}


def test_anothers_card_and_address_are_like_ones_that_are_not_there(market: Market) -> None:
    theirs = {"method_id": settle_in(market, by=OTTO)}
    theirs["address_id"] = market.shop.get("/me/addresses", as_=OTTO).ok()["items"][0]["address_id"]
    settle_in(market)
    for name, value in theirs.items():
        with market.shop.unchanged():
            foreign, absent = (_naming(market, name, one) for one in (value, f"{value[:4]}nobodys"))
            assert (foreign.status, foreign.body) == (absent.status, absent.body) and foreign.status == 404


def _naming(market: Market, name: str, value: str) -> Answer:
    more: dict[str, Any] = {name: value}
    return one_click(market, {"CUP": 1}, **more)


def test_guests_keep_nothing_and_buy_nothing_so(market: Market) -> None:
    guest = Caller(id="gst_1", kind="guest", may=frozenset({SHOP}))
    assert PROFILE not in guest.may
    with market.shop.unchanged():
        assert one_click(market, {"CUP": 1}, by=guest).status == 403
        assert market.shop.post(PATH, as_=guest).status == 403


@pytest.mark.capability("PAY-12")
@pytest.mark.parametrize("yes", [True, False])
def test_where_the_bank_asks_the_buyer_answers_and_then_it_is_paid(market: Market, yes: bool) -> None:
    card = settle_in(market, ASKS_WHO_IS_THERE)
    asked = one_click(market, {"CUP": 1}, key="once").ok()
    assert (asked["standing"], asked["order"]["status"]) == ("requires_action", "awaiting_payment")
    assert asked["payment"]["action"] == {"payment_method": card}
    assert one_click(market, {"CUP": 1}, key="once").ok() == asked
    answer_bank(market, yes=yes)
    then = one_click(market, {"CUP": 1}, key="once")
    if yes:
        assert (then["standing"], charged(market)) == ("paid", [1000])
    else:
        assert (then["standing"], charged(market)) == ("declined", [])
    market.hear()
    assert market.order(asked["order"]["order_id"])["status"] == ("paid" if yes else "awaiting_payment")


@pytest.mark.capability("PAY-12")
def test_a_card_that_is_declined_leaves_an_order_that_may_be_paid_otherwise(market: Market) -> None:
    settle_in(market, DECLINED)
    declined = [one_click(market, {"CUP": 1}, key="once").ok() for _ in range(3)]
    assert declined[0] == declined[1] == declined[2]
    assert (declined[0]["standing"], declined[0]["decline_code"]) == ("declined", "generic_decline")
    order_id, payment = declined[0]["order"]["order_id"], declined[0]["payment"]
    assert len(market.stripe.objects("charge")) == 1
    assert market.stock("CUP")["reserved"] == 1
    assert market.shop.post("/me/payments", {"order_id": order_id}, as_=INES).ok() == payment
    market.stripe.buyer.pay(payment["client_secret"])
    market.hear()
    assert market.order(order_id)["status"] == "paid"
    assert one_click(market, {"CUP": 1}, key="once").ok()["standing"] == "paid"
    assert charged(market) == [1000]


def test_a_card_that_the_provider_has_no_more_charges_nothing(market: Market) -> None:
    """Nobody has told the shop of it: it finds out as it charges."""
    method_id = settle_in(market)
    with market.stripe.server.lock:
        market.stripe.fake.account.objects["payment_method"][method_id]["customer"] = None
    bought = one_click(market, {"CUP": 1}, key="once").ok()
    assert (bought["standing"], charged(market)) == ("requires_action", [])
    assert market.shop.get(PATH, as_=INES).ok()["items"] == []
    market.stripe.buyer.pay(bought["payment"]["client_secret"])
    assert one_click(market, {"CUP": 1}, key="once").ok()["standing"] == "paid"


@pytest.mark.parametrize("method", ["wechat_pay", "alipay"])
def test_what_is_paid_by_another_provider_after_all_is_not_charged_besides(
    market: Market, wechat_pay: WechatPay, alipay: Alipay, method: str
) -> None:
    market.set_up(currency="CNY", payment_methods=["card", "wechat_pay", "alipay"])
    market.goods({"BOWL": 1000}, {market.store("Souk Baixa"): 9})
    settle_in(market, ASKS_WHO_IS_THERE)
    order_id = order_id_of(one_click(market, {"BOWL": 1}, key="once"))
    begun = market.shop.post("/me/payments", {"order_id": order_id, "method": method}, as_=INES).ok()
    waits = one_click(market, {"BOWL": 1}, key="once").ok()
    assert (waits["standing"], waits["payment"]) == ("requires_action", begun)
    merchant = wechat_pay.merchant if method == "wechat_pay" else alipay.merchant
    assert merchant.pay(begun["intent_id"])
    assert one_click(market, {"BOWL": 1}, key="once").ok()["standing"] == "paid"
    assert charged(market) == []


def by_the_same_request(market: Market) -> None:
    one_click(market, {"CUP": 1}, key="once").ok()


def by_webhook(market: Market) -> None:
    market.hear()


def by_poller(market: Market) -> None:
    market.shop.invoke("PollPayments", {})


class Crash(BaseException):
    """The process ends: nothing catches this."""


@pytest.mark.capability("PAY-12")
@pytest.mark.parametrize("by_mandate", [False, True])
def test_wherever_it_breaks_off_the_same_request_ends_with_one_order_and_one_charge(
    market: Market, monkeypatch: pytest.MonkeyPatch, by_mandate: bool
) -> None:
    """After each call of the table in turn, reads and writes alike."""
    method_id = settle_in(market)
    if by_mandate:
        market.set_up(unproved_day_minor=100_000)
        agree(market, method_id, 1_000, 100_000).ok()
    for number in range(1, 100):
        key = f"run {number}"
        with monkeypatch.context() as patch:
            made = calls(patch, of="OneClick", then=partial(_crash_at, number))
            try:
                one_click(market, {"CUP": 1}, key=key)
            except Crash:
                pass
            else:
                break
        assert len(made) == number
        assert one_click(market, {"CUP": 1}, key=key).ok()["standing"] == "paid"
        assert charged(market) == [1000] * number
        assert len(market.shop.rows("Order")) == number
    assert number >= 10
    market.hear()
    market.shop.drain()
    assert charged(market) == [1000] * number


def _crash_at(last: int, number: int) -> None:
    if number == last:
        raise Crash


@pytest.mark.capability("PAY-12")
@pytest.mark.parametrize("finish", [by_the_same_request, by_webhook, by_poller])
@pytest.mark.parametrize("by_mandate", [False, True])
def test_an_answer_of_the_provider_that_is_lost_is_found_by_whoever_looks(
    market: Market, finish: Callable[[Market], None], by_mandate: bool
) -> None:
    method_id = settle_in(market)
    if by_mandate:
        market.set_up(unproved_day_minor=100_000)
        agree(market, method_id, 1_000, 100_000).ok()
    fault = {"kind": "timeout_after", "count": 2, "method": "POST", "path": "/v1/payment_intents/"}
    market.stripe.control("config", faults=[fault])
    lost = one_click(market, {"CUP": 1}, key="once").ok()
    assert (lost["standing"], lost["order"]["status"], charged(market)) == ("awaiting", "awaiting_payment", [1000])
    finish(market)
    assert market.order(lost["order"]["order_id"])["status"] == "paid"
    assert one_click(market, {"CUP": 1}, key="once").ok()["standing"] == "paid"
    assert charged(market) == [1000]


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_before", "error_after"])
@pytest.mark.parametrize("skipped", range(4))
def test_whatever_fails_at_the_provider_nobody_is_charged_twice(market: Market, fault: str, skipped: int) -> None:
    settle_in(market)
    passed = {"kind": "too_many_requests", "count": skipped, "path": "/v1/payment_intents"} if skipped else None
    failing = {"kind": fault, "count": 2, "path": "/v1/payment_intents"}
    market.stripe.control("config", faults=[one for one in (passed, failing) if one])
    for _ in range(4):
        answer = one_click(market, {"CUP": 1}, key="once")
        assert answer.status == 201
    market.shop.invoke("PollPayments", {})
    assert len(charged(market)) <= 1
    order_id, paid = order_id_of(answer), bool(charged(market))
    assert market.order(order_id)["status"] == ("paid" if paid else "awaiting_payment")
    market.shop.pass_time(hours=2)
    market.shop.invoke("SweepOrders", {})
    assert (market.order(order_id)["status"] == "cancelled") is not paid
    assert len(charged(market)) == paid


@pytest.mark.capability("PAY-12")
@pytest.mark.parametrize("by_mandate", [False, True])
def test_where_the_provider_fails_over_the_charge_the_buyer_pays_what_is_not_paid(
    market: Market, by_mandate: bool
) -> None:
    """It would give the same answer for a day."""
    method_id = settle_in(market)
    if by_mandate:
        mandate_id = agree(market, method_id, 5_000, 5_000).ok()["mandate_id"]
    fault = {"kind": "error_before", "count": 2, "method": "POST", "path": "/v1/payment_intents/"}
    market.stripe.control("config", faults=[fault])
    answers = [one_click(market, {"CUP": 2}, key="once").ok() for _ in range(2)]
    assert [one["standing"] for one in answers] == ["requires_action"] * 2
    if by_mandate:
        assert market.shop.get(f"{MANDATES}/{mandate_id}", as_=INES).ok()["left_minor"] == 5_000
    market.stripe.control("config", faults=[])
    market.stripe.buyer.pay(answers[-1]["payment"]["client_secret"])
    assert one_click(market, {"CUP": 2}, key="once").ok()["standing"] == "paid"
    assert charged(market) == [2000]


def test_what_the_provider_has_charged_and_failed_to_say_is_paid_at_once(market: Market) -> None:
    settle_in(market)
    fault = {"kind": "error_after", "count": 2, "method": "POST", "path": "/v1/payment_intents/"}
    market.stripe.control("config", faults=[fault])
    assert one_click(market, {"CUP": 2}, key="once").ok()["standing"] == "paid"
    assert charged(market) == [2000]


def test_what_the_bank_is_still_at_work_on_is_awaited(market: Market) -> None:
    settle_in(market, ASKS_WHO_IS_THERE)
    one_click(market, {"CUP": 1}, key="once").ok()
    with market.stripe.server.lock:
        [intent] = market.stripe.fake.account.objects["payment_intent"].values()
        intent["status"] = "processing"
    assert one_click(market, {"CUP": 1}, key="once").ok()["standing"] == "awaiting"


@pytest.mark.capability("PAY-12")
def test_what_was_paid_stays_paid_for_the_same_request_whatever_became_of_the_order(market: Market) -> None:
    settle_in(market)
    wanted = {"CUP": 2, "POT": 1}
    order_id = order_id_of(one_click(market, wanted, key="split"))
    store_id = market.order(order_id)["store_id"]
    parts = [{"store_id": store_id, "units": {sku: units}} for sku, units in wanted.items()]
    said = {"parts": parts, "reason": "two parcels"}
    market.shop.post(f"/staff/handling/{order_id}/split", said, as_=market.shop.boss).ok()
    split = one_click(market, wanted, key="split").ok()
    assert (split["standing"], split["order"]["status"], len(split["order"]["became"])) == ("paid", "split", 2)
    market.cancel(order_id_of(one_click(market, wanted, key="cancelled"))).ok()
    over = one_click(market, wanted, key="cancelled").ok()
    assert (over["standing"], over["order"]["status"]) == ("paid", "cancelled")
    assert charged(market) == [6000] * 2


def test_an_order_that_was_not_paid_in_time_is_over_for_the_same_request_too(market: Market) -> None:
    settle_in(market, ASKS_WHO_IS_THERE)
    order_id = order_id_of(one_click(market, {"CUP": 1}, key="once"))
    market.shop.pass_time(hours=2)
    market.shop.invoke("CloseUnpaid", {"order_id": order_id})
    over = one_click(market, {"CUP": 1}, key="once").ok()
    assert (over["standing"], over["order"]["status"], over["payment"]) == ("over", "cancelled", None)
    assert market.stock("CUP")["reserved"] == 0 and charged(market) == []


def test_what_several_stores_have_together_is_bought_at_once_too(market: Market) -> None:
    settle_in(market)
    market.goods({"JAR": 700}, {market.store(f"Souk {number}"): 2 for number in range(2)})
    first = one_click(market, {"JAR": 3}, key="once").ok()
    market.shop.drain()
    assert market.order(first["order"]["order_id"])["status"] == "split"
    assert {one_click(market, {"JAR": 3}, key="once").ok()["standing"], first["standing"]} == {"paid"}
    assert charged(market) == [2100]


def test_money_is_authorised_first_where_the_shop_wants_that(market: Market) -> None:
    market.set_up(capture="when_paid")
    settle_in(market)
    assert one_click(market, {"CUP": 1}).ok()["standing"] == "paid"
    assert charged(market) == [1000]


@pytest.mark.capability("PAY-10")
def test_what_broke_off_is_not_charged_for_who_has_tried_too_much_since(market: Market) -> None:
    good, bad = settle_in(market), keep(market, DECLINED)
    market.stripe.control("config", faults=[{"kind": "timeout_before", "count": 2, "path": "/v1/payment_intents/"}])
    assert one_click(market, {"CUP": 1}, key="once", method_id=good).ok()["standing"] == "awaiting"
    assert [one_click(market, {"CUP": 1}, method_id=bad).status for _ in range(11)] == [201] * 10 + [429]
    again = one_click(market, {"CUP": 1}, key="once", method_id=good).ok()
    assert (again["standing"], again["payment"], charged(market)) == ("awaiting", None, [])


@pytest.mark.capability("PAY-10")
def test_who_has_tried_too_much_buys_nothing_so_either(market: Market) -> None:
    settle_in(market, DECLINED)
    answers = [one_click(market, {"CUP": 1}) for _ in range(12)]
    assert [answer.status for answer in answers] == [201] * 10 + [429] * 2
    assert len(market.stripe.objects("charge")) == 10


def test_a_shop_that_takes_no_cards_charges_none(market: Market) -> None:
    settle_in(market)
    market.set_up(payment_methods=["paypal"])
    with market.shop.unchanged():
        refused = one_click(market, {"CUP": 1})
        assert (refused.status, refused["code"]) == (422, "payment_method_off")


@pytest.mark.capability("PAY-11")
def test_no_line_of_the_log_tells_a_card_or_a_secret(market: Market, capsys: pytest.CaptureFixture[str]) -> None:
    settle_in(market)
    one_click(market, {"CUP": 1}).ok()
    market.hear()
    said = capsys.readouterr().out
    assert said
    for word in ("4242", "_secret_", "sk_test", CONTACT["phone"], ADDRESS["street"]):
        assert word not in said
