"""Paying with WeChat Pay: on any device, told by notices that may be forged, lost or repeated, and paid back there."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.local.rsa_pair import pair
from infra.local.wechat_pay import signing
from souk.kernel import kept
from tests.support import books
from tests.support.market import INES, Market
from tests.support.shop import Answer, client
from tests.support.wechat_pay import WechatPay, hear

pytestmark = pytest.mark.capability("PAY-01")
METHODS = ["card", "wechat_pay"]


@pytest.fixture
def market(market: Market, wechat_pay: WechatPay) -> Market:
    """A shop in China that takes cards too."""
    market.set_up(currency="CNY", payment_methods=METHODS)
    market.goods({"CUP": 1000}, {market.store(): 50})
    return market


def place(market: Market, units: int = 1, **more: Any) -> Answer:
    return market.checkout({"CUP": units}, payment_method="wechat_pay", **more)


def start(market: Market, order_id: str, **wish: Any) -> Answer:
    return market.shop.post("/me/payments", {"order_id": order_id, **wish}, as_=INES)


def paid(market: Market, wechat_pay: WechatPay, units: int = 1) -> str:
    placed = place(market, units).ok()
    assert wechat_pay.merchant.pay(placed["payment"]["intent_id"])
    assert [answer["outcome"] for answer in wechat_pay.tell(market.shop)] == ["PaymentCaptured"]
    market.shop.drain()
    return str(placed["order"]["order_id"])


def settle(market: Market, wechat_pay: WechatPay, status: str = "SUCCESS") -> None:
    market.shop.drain()
    wechat_pay.settle_refunds(status)
    wechat_pay.tell(market.shop)
    market.shop.drain()


def test_an_order_is_paid_by_scanning_a_code_and_what_is_cancelled_goes_back_there(
    market: Market, wechat_pay: WechatPay
) -> None:
    placed = place(market, 3).ok()
    order_id, begun = placed["order"]["order_id"], placed["payment"]
    assert begun["action"]["code_url"].startswith("weixin://wxpay/bizpayurl")
    assert (placed["order"]["payment_method"], begun["method"], begun["client_secret"]) == ("wechat_pay",) * 2 + ("",)
    wechat_pay.merchant.pay(begun["intent_id"])
    [notice] = wechat_pay.notices()
    outcomes = [hear(market.shop, *notice).ok()["outcome"] for _ in range(3)]
    assert outcomes == ["PaymentCaptured", "ProviderEventSeenBefore", "ProviderEventSeenBefore"]
    assert market.order(order_id)["status"] == "paid"
    money = market.money(order_id)
    number = wechat_pay.merchant.orders[begun["intent_id"]]["paid"]["transaction_id"]
    assert [(event["kind"], event["provider"], event["transaction_number"]) for event in money["events"]] == [
        ("charge", "wechat_pay", number)
    ]
    assert books.accounts(books.entries(market.shop))["clearing:wechat_pay"] == 3000

    market.cancel(order_id).ok()
    market.shop.drain()
    assert market.money(order_id)["balances"]["pending_minor"] == 3000
    settle(market, wechat_pay)
    assert market.money(order_id)["balances"]["refunded_minor"] == 3000
    assert books.accounts(books.entries(market.shop))["clearing:wechat_pay"] == wechat_pay.merchant.balance() == 0
    assert not market.stripe.objects("payment_intent")


def test_payment_and_refund_are_found_out_though_no_notice_comes(market: Market, wechat_pay: WechatPay) -> None:
    placed = place(market).ok()
    order_id = placed["order"]["order_id"]
    wechat_pay.merchant.pay(placed["payment"]["intent_id"])
    market.shop.invoke("PollPayments", {})
    assert market.order(order_id)["status"] == "paid"
    market.cancel(order_id).ok()
    market.shop.drain()
    wechat_pay.settle_refunds()
    market.shop.invoke("PollPayments", {})
    assert market.money(order_id)["balances"]["refunded_minor"] == 1000
    assert [answer["outcome"] for answer in wechat_pay.tell(market.shop)] == ["NothingNew"] * 2


def test_whoever_comes_back_first_is_believed_only_as_far_as_wechat_pay_agrees(
    market: Market, wechat_pay: WechatPay
) -> None:
    placed = place(market).ok()
    order_id = placed["order"]["order_id"]
    came_back = f"/me/payments/{order_id}/return"
    assert market.shop.post(came_back, as_=INES).ok()["status"] == "awaiting"
    wechat_pay.merchant.pay(placed["payment"]["intent_id"])
    assert market.shop.post(came_back, as_=INES).ok()["status"] == "captured"
    assert [answer["outcome"] for answer in wechat_pay.tell(market.shop)] == ["NothingNew"]


def _sealed_for_another(body: bytes) -> bytes:
    notice = json.loads(body)
    notice["resource"]["ciphertext"] = signing.sealed(b"{}", notice["resource"]["nonce"], "transaction", "x" * 32)
    return json.dumps(notice).encode()


def _sealed_anew(text: bytes) -> Callable[[bytes], bytes]:
    def seal(body: bytes) -> bytes:
        notice = json.loads(body)
        notice["resource"]["ciphertext"] = signing.sealed(text, notice["resource"]["nonce"], "transaction")
        return json.dumps(notice).encode()

    return seal


def _told_anew(about: dict[str, Any]) -> Callable[[bytes], bytes]:
    return _sealed_anew(json.dumps(about).encode())


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda body: b"[]", id="no notice"),
        pytest.param(_sealed_for_another, id="sealed with another key"),
        pytest.param(_told_anew({}), id="about nothing"),
        pytest.param(_sealed_anew(b"[" * 150_000), id="nested too deep"),
        pytest.param(_told_anew({"mchid": signing.MCHID, "out_trade_no": "../x"}), id="a number that is none"),
        pytest.param(lambda body: body.replace(b"AEAD_AES_256_GCM", b"AEAD_AES_128_GCM"), id="another cipher"),
    ],
)
def test_a_signed_notice_that_cannot_be_read_changes_nothing(
    market: Market, wechat_pay: WechatPay, forge: Callable[[bytes], bytes]
) -> None:
    wechat_pay.merchant.pay(place(market).ok()["payment"]["intent_id"])
    [(body, _)] = wechat_pay.notices()
    forged = forge(body)
    with market.shop.unchanged():
        answer = hear(market.shop, forged, wechat_pay.fake.signed(forged))
    assert (answer.status, answer["code"]) == (400, "bad_event")


def test_a_bad_signature_and_an_old_one_are_refused_and_nothing_changes(market: Market, wechat_pay: WechatPay) -> None:
    placed = place(market).ok()
    wechat_pay.merchant.pay(placed["payment"]["intent_id"])
    [(body, headers)] = wechat_pay.notices()
    at, nonce = headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]
    by_us = pair("merchant").sign(signing.lines(at, nonce, body))
    forgeries = [
        (body, {}),
        (body + b" ", headers),
        (body, headers | {"Wechatpay-Signature": by_us}),
        (body, headers | {"Wechatpay-Signature": b64encode(b"0" * 256).decode()}),
        (body, headers | {"Wechatpay-Serial": "PUB_KEY_ID_OF_ANOTHER"}),
        (body, headers | {"Wechatpay-Timestamp": str(int(at) + 1)}),
        (body, headers | {"Wechatpay-Nonce": "0" * 32}),
    ]
    with market.shop.unchanged():
        answers = [hear(market.shop, *forged) for forged in forgeries]
        market.shop.pass_time(seconds=301)
        answers.append(hear(market.shop, body, headers))
    assert {(answer.status, answer["code"]) for answer in answers} == {(400, "bad_signature")}
    assert market.order(placed["order"]["order_id"])["status"] == "awaiting_payment"


@pytest.mark.parametrize(
    "about",
    [
        {"mchid": "1900009999"},
        {"out_trade_no": "01KAJ5Y7Q8M2N3P4R5S6T7V8W9-1"},
        {"out_trade_no": "till|7*2026_11"},
        {"out_trade_no": "till|7*2026_11", "out_refund_no": "back@till|7*2026_11"},
    ],
)
def test_what_is_told_of_others_is_set_aside(market: Market, wechat_pay: WechatPay, about: dict[str, str]) -> None:
    placed = place(market).ok()
    intent_id = placed["payment"]["intent_id"]
    wechat_pay.merchant.pay(intent_id)
    [(body, _)] = wechat_pay.notices()
    told = _told_anew({"mchid": signing.MCHID, "out_trade_no": intent_id} | about)(body)
    answer = hear(market.shop, told, wechat_pay.fake.signed(told))
    assert answer.ok()["outcome"] == "PaymentQuarantined"
    assert market.order(placed["order"]["order_id"])["status"] == "awaiting_payment"


@pytest.mark.parametrize("amount", [{"total": 999}, {"total": 100_000}, {"currency": "USD"}])
def test_money_that_does_not_fit_the_order_is_set_aside(
    market: Market, wechat_pay: WechatPay, amount: dict[str, Any]
) -> None:
    placed = place(market).ok()
    intent_id = placed["payment"]["intent_id"]
    wechat_pay.merchant.pay(intent_id)
    wechat_pay.merchant.orders[intent_id]["paid"]["amount"] |= amount
    assert [answer["outcome"] for answer in wechat_pay.tell(market.shop)] == ["PaymentQuarantined"]
    market.shop.post(f"/me/payments/{placed['order']['order_id']}/return", as_=INES).ok()
    assert market.order(placed["order"]["order_id"])["status"] == "awaiting_payment"
    assert books.entries(market.shop) == []


@pytest.mark.parametrize("lost", ["amount", "transaction_id"])
def test_an_answer_that_says_paid_and_not_how_much_or_by_what_leaves_it_open_until_it_is_asked_again(
    market: Market, wechat_pay: WechatPay, lost: str
) -> None:
    placed = place(market).ok()
    order_id, intent_id = placed["order"]["order_id"], placed["payment"]["intent_id"]
    wechat_pay.merchant.pay(intent_id)
    [notice] = wechat_pay.notices()
    kept_there = wechat_pay.merchant.orders[intent_id]["paid"]
    said = kept_there.pop(lost)
    with market.shop.unchanged():
        answers = [
            hear(market.shop, *notice),
            market.shop.post(f"/me/payments/{order_id}/return", as_=INES),
        ]
        market.shop.invoke("PollPayments", {})
    assert {(answer.status, answer["code"]) for answer in answers} == {(503, "payment_provider_unavailable")}
    kept_there[lost] = said
    assert hear(market.shop, *notice).ok()["outcome"] == "PaymentCaptured"
    assert market.order(order_id)["status"] == "paid"


def test_each_device_pays_in_its_own_way_and_never_two_at_once(market: Market, wechat_pay: WechatPay) -> None:
    placed = place(market).ok()
    order_id, by_code = placed["order"]["order_id"], placed["payment"]
    assert start(market, order_id).ok() == by_code, "asked again it is the same"
    on_phone = start(market, order_id, method="wechat_pay", device="mobile").ok()
    assert urlsplit(on_phone["action"]["redirect_url"]).hostname == "wx.tenpay.com"
    within = start(market, order_id, method="wechat_pay", device="wechat", payer_id="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").ok()
    bridge = within["action"]
    signed = signing.lines(bridge["appId"], bridge["timeStamp"], bridge["nonceStr"], bridge["package"])
    assert pair("merchant").has_signed(bridge["paySign"], signed)
    assert bridge["package"].startswith("prepay_id=")
    by_card = start(market, order_id, method="card").ok()

    begun = [by_code, on_phone, within]
    assert [wechat_pay.merchant.pay(one["intent_id"]) for one in begun] == [False] * 3
    assert market.stripe.buyer.pay(by_card["client_secret"])["status"] == "succeeded"
    market.hear()
    assert market.order(order_id)["status"] == "paid"
    market.cancel(order_id).ok()
    market.shop.drain()
    market.hear()
    assert market.money(order_id)["balances"]["refunded_minor"] == 1000
    assert books.accounts(books.entries(market.shop))["clearing:stripe"] == 0


def test_a_code_that_is_too_old_to_scan_gives_way_to_a_new_one(market: Market, wechat_pay: WechatPay) -> None:
    market.set_up(payment_seconds=86_400)
    placed = place(market).ok()
    order_id, first = placed["order"]["order_id"], placed["payment"]
    market.shop.pass_time(hours=1, minutes=59)
    assert start(market, order_id).ok() == first
    market.shop.pass_time(minutes=1)
    second = start(market, order_id).ok()
    assert second["intent_id"] != first["intent_id"]
    assert [wechat_pay.merchant.pay(one["intent_id"]) for one in (first, second)] == [False, True]


ON: dict[str, dict[str, Any]] = {
    "mobile": {"device": "mobile"},
    "wechat": {"device": "wechat", "payer_id": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
}


@pytest.mark.parametrize("device", ON)
def test_a_checkout_that_is_sent_again_after_its_time_to_pay_begins_a_payment_on_the_same_device(
    market: Market, wechat_pay: WechatPay, device: str
) -> None:
    market.set_up(payment_seconds=86_400)
    quote_id = market.quote({"CUP": 1}).ok()["quote_id"]
    first, again = (place(market, key="once", quote_id=quote_id, **ON[device]).ok() for _ in range(2))
    market.shop.pass_time(hours=2)
    late = place(market, key="once", quote_id=quote_id, **ON[device]).ok()
    assert again["payment"] == first["payment"] != late["payment"]
    scenes = [one["asked"][0] for one in wechat_pay.merchant.orders.values()]
    assert scenes == [{"mobile": "h5", "wechat": "jsapi"}[device]] * 2
    begun = [one["payment"]["intent_id"] for one in (first, late)]
    assert [wechat_pay.merchant.pay(one) for one in begun] == [False, True]


def test_a_checkout_that_is_sent_again_disturbs_nobody_who_pays_on_another_device(
    market: Market, wechat_pay: WechatPay
) -> None:
    quote_id = market.quote({"CUP": 1}).ok()["quote_id"]
    first = place(market, key="once", quote_id=quote_id).ok()
    on_phone = start(market, first["order"]["order_id"], device="mobile").ok()
    assert place(market, key="once", quote_id=quote_id).ok()["payment"] == on_phone


def test_what_is_signed_for_one_within_wechat_is_handed_to_nobody_else(market: Market, wechat_pay: WechatPay) -> None:
    order_id = place(market, **ON["wechat"]).ok()["order"]["order_id"]
    first, second = (start(market, order_id, device="wechat", payer_id=one).ok() for one in ("oFirst", "oSecond"))
    assert first["intent_id"] != second["intent_id"]
    assert start(market, order_id, device="wechat", payer_id="oSecond").ok() == second
    asked = wechat_pay.merchant.orders[second["intent_id"]]["asked"][1]
    assert asked.payer.openid == "oSecond"
    assert "oSecond" not in json.dumps(market.shop.rows("Payment"))


def test_who_changes_the_method_just_after_paying_is_not_charged_twice(market: Market, wechat_pay: WechatPay) -> None:
    placed = place(market).ok()
    order_id = placed["order"]["order_id"]
    wechat_pay.merchant.pay(placed["payment"]["intent_id"])
    refused = start(market, order_id, method="card")
    assert (refused.status, refused["code"]) == (409, "nothing_to_pay")
    wechat_pay.tell(market.shop)
    assert market.order(order_id)["status"] == "paid"
    assert not market.stripe.objects("payment_intent")


def test_what_was_paid_at_two_providers_and_merged_goes_back_to_each(market: Market, wechat_pay: WechatPay) -> None:
    placed = [market.checkout({"CUP": units}).ok() for units in (2, 3)]
    orders = [one["order"]["order_id"] for one in placed]
    market.stripe.buyer.pay(placed[0]["payment"]["client_secret"])
    wechat_pay.merchant.pay(start(market, orders[1], method="wechat_pay").ok()["intent_id"])
    market.hear()
    wechat_pay.tell(market.shop)
    market.shop.drain()
    merge = {"order_ids": orders, "reason": "One parcel will do"}
    assert [market.order(one)["payment_method"] for one in orders] == METHODS
    into = market.shop.post("/staff/handling/merge", merge, as_=market.shop.boss).ok()["order_id"]
    market.shop.drain()
    assert books.accounts(books.entries(market.shop))["clearing:wechat_pay"] == 3000
    market.cancel(into).ok()
    settle(market, wechat_pay)
    market.hear()
    sent = {(one["method"], one["provider"]): one["amount_minor"] for one in market.money(into)["refunds"]}
    assert sent == {("card", "stripe"): 2000, ("wechat_pay", "wechat_pay"): 3000}
    assert market.money(into)["balances"]["refunded_minor"] == 5000
    accounts = books.accounts(books.entries(market.shop))
    assert (accounts["clearing:stripe"], accounts["clearing:wechat_pay"], wechat_pay.merchant.balance()) == (0, 0, 0)


def test_what_comes_by_a_method_that_was_given_up_is_booked_and_goes_back_where_it_came_from(
    market: Market, wechat_pay: WechatPay
) -> None:
    placed = place(market).ok()
    order_id, intent_id = placed["order"]["order_id"], placed["payment"]["intent_id"]
    by_card = start(market, order_id, method="card").ok()
    market.stripe.buyer.pay(by_card["client_secret"])
    market.hear()
    # WeChat Pay would have to break its word for this.
    wechat_pay.merchant.orders[intent_id]["trade_state"] = "NOTPAY"
    wechat_pay.merchant.pay(intent_id)
    assert [answer["outcome"] for answer in wechat_pay.tell(market.shop)] == ["LatePayment"]
    settle(market, wechat_pay)
    accounts = books.accounts(books.entries(market.shop))
    assert (accounts["clearing:stripe"], accounts["clearing:wechat_pay"], wechat_pay.merchant.balance()) == (1000, 0, 0)
    assert market.order(order_id)["status"] == "paid"


def test_without_an_answer_the_order_stands_and_its_payment_is_asked_for_again(
    market: Market, wechat_pay: WechatPay
) -> None:
    wechat_pay.fail_next("timeout_after", 2)
    placed = place(market).ok()
    assert placed["payment"] is None
    begun = start(market, placed["order"]["order_id"]).ok()
    assert list(wechat_pay.merchant.orders) == [begun["intent_id"]]
    wechat_pay.fail_next("error_before", 2)
    assert start(market, placed["order"]["order_id"]).status == 503
    assert wechat_pay.merchant.pay(begun["intent_id"])


def test_a_refund_that_wechat_pay_closes_is_owed_again_and_one_it_asks_about_waits(
    market: Market, wechat_pay: WechatPay
) -> None:
    order_id = paid(market, wechat_pay)
    market.cancel(order_id).ok()
    settle(market, wechat_pay, "ABNORMAL")
    assert market.money(order_id)["balances"]["pending_minor"] == 1000
    [number] = wechat_pay.merchant.refunds
    wechat_pay.merchant.settle_refund(number, "CLOSED")
    assert [answer["outcome"] for answer in wechat_pay.tell(market.shop)] == ["RefundFailed"]
    [failed] = market.money(order_id)["refunds"]
    retry = f"/staff/payments/{order_id}/refunds/{failed['refund_id']}/retry"
    market.shop.post(retry, as_=market.shop.boss).ok()
    settle(market, wechat_pay)
    assert market.money(order_id)["balances"]["refunded_minor"] == 1000
    assert wechat_pay.merchant.balance() == 0


def test_a_balance_is_topped_up_with_it(market: Market, wechat_pay: WechatPay) -> None:
    wanted = {"amount_minor": 700, "method": "wechat_pay"}
    sent = {"Idempotency-Key": "once"}
    begun = market.shop.post("/me/payments/top-ups", wanted, as_=INES, headers=sent).ok()
    assert wechat_pay.merchant.pay(begun["payment"]["intent_id"])
    [answer] = wechat_pay.tell(market.shop)
    assert answer.status == 200
    [kept] = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    assert (kept["balance_minor"], wechat_pay.merchant.balance()) == (700, 700)


def test_as_long_as_its_keys_are_not_filled_in_nothing_is_paid_with_it(market: Market) -> None:
    template = {"private_key": "", "public_keys": {}, "mchid": "", "appid": "", "notify_url": "", "live": False}
    client("secretsmanager").put_secret_value(SecretId="souk/test/wechat-pay", SecretString=json.dumps(template))
    kept.forget_all()
    placed = place(market).ok()
    assert placed["payment"] is None
    refused = start(market, placed["order"]["order_id"])
    assert (refused.status, refused["code"]) == (503, "payment_provider_unavailable")
    assert hear(market.shop, b"{}", {}).status == 400
