"""Paying with Alipay: on any device, told by notices that may be forged, lost or repeated, and paid back there."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from infra.local.alipay.signing import content, told
from infra.local.rsa_pair import pair
from souk.gateways.providers import PaymentProviderUnavailable
from souk.kernel import kept
from tests.support import books
from tests.support.alipay import FORM, Alipay, hear
from tests.support.market import INES, Market
from tests.support.shop import Answer, client

pytestmark = pytest.mark.capability("PAY-02")
METHODS = ["alipay", "card", "wechat_pay"]
WITHIN = {"device": "alipay", "payer_id": "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"}


@pytest.fixture
def market(market: Market, alipay: Alipay) -> Market:
    market.set_up(currency="CNY", payment_methods=METHODS)
    market.goods({"CUP": 1000}, {market.store(): 50})
    return market


def place(market: Market, units: int = 1, **more: Any) -> Answer:
    return market.checkout({"CUP": units}, payment_method="alipay", **more)


def start(market: Market, order_id: str, **wish: Any) -> Answer:
    return market.shop.post("/me/payments", {"order_id": order_id, **wish}, as_=INES)


def paid(market: Market, alipay: Alipay, units: int = 1) -> str:
    placed = place(market, units).ok()
    assert alipay.merchant.pay(placed["payment"]["intent_id"])
    assert [answer.ok() for answer in alipay.tell(market.shop)] == ["success"]
    market.shop.drain()
    return str(placed["order"]["order_id"])


def outcomes(market: Market) -> list[str]:
    return sorted(event["outcome"] for event in market.shop.rows("ProviderEvent"))


def status(market: Market, placed: Any) -> str:
    return str(market.order(placed["order"]["order_id"])["status"])


def edited(body: bytes, **changes: str) -> bytes:
    return urlencode(dict(parse_qsl(body.decode())) | changes).encode()


def told_anew(body: bytes, **changes: str) -> bytes:
    """With other words, signed by Alipay."""
    return urlencode(told(dict(parse_qsl(edited(body, **changes).decode())))).encode()


def test_an_order_is_paid_by_scanning_a_code_and_what_is_cancelled_goes_back_there(
    market: Market, alipay: Alipay
) -> None:
    placed = place(market, 3).ok()
    order_id, begun = placed["order"]["order_id"], placed["payment"]
    assert begun["action"]["code_url"].startswith("https://qr.alipay.com/")
    assert (placed["order"]["payment_method"], begun["method"]) == ("alipay", "alipay")
    alipay.merchant.pay(begun["intent_id"])
    [notice] = alipay.notices()
    answers = [hear(market.shop, notice) for _ in range(3)]
    assert {(answer.status, answer.body, answer.headers["Content-Type"]) for answer in answers} == {
        (200, "success", "text/plain")
    }
    assert (status(market, placed), outcomes(market)) == ("paid", ["PaymentCaptured"])
    [charge] = market.money(order_id)["events"]
    number = alipay.merchant.trades[begun["intent_id"]]["trade_no"]
    assert (charge["kind"], charge["provider"], charge["transaction_number"]) == ("charge", "alipay", number)
    assert books.accounts(books.entries(market.shop))["clearing:alipay"] == 3000

    market.cancel(order_id).ok()
    market.shop.drain()
    money = market.money(order_id)
    assert money["balances"]["refunded_minor"] == 3000
    [[_, request_number]] = alipay.merchant.refunds
    assert money["events"][-1]["transaction_number"] == request_number
    assert books.accounts(books.entries(market.shop))["clearing:alipay"] == alipay.merchant.balance() == 0
    assert [answer.ok() for answer in alipay.tell(market.shop)] == ["success"]
    assert outcomes(market) == ["NothingNew", "PaymentCaptured"]


def test_a_part_goes_back_to_the_cent_and_the_rest_later(market: Market, alipay: Alipay) -> None:
    order_id = paid(market, alipay, 2)
    for number, amount in enumerate((1, 1334, 665)):
        given = {"reference": f"g-{number}", "amount_minor": amount, "reason": "A chipped cup"}
        market.shop.post(f"/staff/payments/{order_id}/refunds", given, as_=market.shop.boss).ok()
        market.shop.drain()
        alipay.tell(market.shop)
    assert market.money(order_id)["balances"]["refunded_minor"] == 2000
    assert sorted(one.refund_amount for one in alipay.merchant.refunds.values()) == ["0.01", "13.34", "6.65"]
    assert alipay.merchant.balance() == 0


def test_payment_and_refund_are_found_out_though_no_notice_comes(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    order_id = placed["order"]["order_id"]
    market.shop.invoke("PollPayments", {})
    assert status(market, placed) == "awaiting_payment", "nobody has scanned the code yet"
    alipay.merchant.pay(placed["payment"]["intent_id"])
    market.shop.invoke("PollPayments", {})
    assert status(market, placed) == "paid"
    alipay.fake.faults = ["none", "timeout_after", "timeout_before"]  # it is looked up first, and asked for twice
    market.cancel(order_id).ok()
    with pytest.raises(PaymentProviderUnavailable):
        market.shop.drain()
    market.shop.invoke("PollPayments", {})
    assert market.money(order_id)["balances"]["refunded_minor"] == 1000
    assert len(alipay.merchant.refunds) == 1


def test_a_trade_that_closed_once_all_of_it_has_gone_back_was_paid(market: Market, alipay: Alipay) -> None:
    """Where Alipay does not say when it was paid, nothing else tells it from one that nobody paid."""
    order_id = paid(market, alipay)
    goodwill = {"reference": "G-1", "amount_minor": 1000, "reason": "sorry"}
    market.shop.post(f"/staff/payments/{order_id}/refunds", goodwill, as_=market.shop.boss).ok()
    market.shop.drain()
    [trade] = alipay.merchant.trades.values()
    assert trade["trade_status"] == "TRADE_CLOSED"
    del trade["send_pay_date"]
    [notice] = alipay.notices()
    assert hear(market.shop, told_anew(notice, out_biz_no="", gmt_refund="")).body == "success"
    assert market.money(order_id)["payment"]["attempts"][0]["status"] == "succeeded"
    market.cancel(order_id).ok()


def test_a_refund_that_alipay_neither_made_nor_knows_is_asked_for_again_as_the_same(
    market: Market, alipay: Alipay, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id, act, lost = paid(market, alipay), alipay.fake._act, [{"code": "10000", "fund_change": "N"}]

    def first_lost(said: dict[str, str]) -> dict[str, Any]:
        return lost.pop() if lost and said["method"] == "alipay.trade.refund" else act(said)

    monkeypatch.setattr(alipay.fake, "_act", first_lost)
    market.cancel(order_id).ok()
    market.shop.drain()
    assert [one["status"] for one in market.money(order_id)["refunds"]] == ["pending"]
    for _ in range(2):
        market.shop.pass_time(hours=6)
        market.shop.invoke("PollPayments", {})
    assert [one["status"] for one in market.money(order_id)["refunds"]] == ["posted"]
    assert (len(alipay.merchant.refunds), alipay.merchant.balance()) == (1, 0)


def test_whoever_comes_back_first_is_believed_only_as_far_as_alipay_agrees(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    came_back = f"/me/payments/{placed['order']['order_id']}/return"
    assert market.shop.post(came_back, as_=INES).ok()["status"] == "awaiting"
    alipay.merchant.pay(placed["payment"]["intent_id"])
    assert market.shop.post(came_back, as_=INES).ok()["status"] == "captured"


FORGERIES: dict[str, Callable[[bytes], bytes]] = {
    "not signed": lambda body: body.partition(b"&sign=")[0],
    "about another trade": lambda body: edited(body, out_trade_no="01KAJ5Y7Q8M2N3P4R5S6T7V8W9_1"),
    "of another sum": lambda body: edited(body, total_amount="0.01"),
    "with more than was signed": lambda body: body + b"&trade_status=TRADE_SUCCESS",
    "signed by the merchant": lambda body: edited(body, sign=pair("merchant").sign(_signed(body))),
    "of another scheme": lambda body: edited(body, sign_type="RSA"),
}


def _signed(body: bytes) -> bytes:
    said = dict(parse_qsl(body.decode()))
    said.pop("sign_type")
    return content(said)


def test_a_bad_signature_and_an_old_one_are_refused_and_nothing_changes(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    alipay.merchant.pay(placed["payment"]["intent_id"])
    [body] = alipay.notices()
    with market.shop.unchanged():
        answers = [hear(market.shop, forge(body)) for forge in FORGERIES.values()]
        market.shop.pass_time(hours=25, seconds=1)
        answers.append(hear(market.shop, body))
    assert {(answer.status, answer["code"]) for answer in answers} == {(400, "bad_signature")}
    assert pair("alipay").has_signed(dict(parse_qsl(body.decode()))["sign"], _signed(body))


@pytest.mark.parametrize(
    "wrong", [{"notify_time": "yesterday"}, {"notify_id": "é"}, {"app_id": "me"}, {"out_trade_no": "x" * 65}]
)
def test_a_signed_notice_that_cannot_be_read_changes_nothing(
    market: Market, alipay: Alipay, wrong: dict[str, str]
) -> None:
    alipay.merchant.pay(place(market).ok()["payment"]["intent_id"])
    [body] = alipay.notices()
    with market.shop.unchanged():
        answer = hear(market.shop, told_anew(body, **wrong))
    assert (answer.status, answer["code"]) == (400, "bad_event")


@pytest.mark.parametrize(
    "about",
    [
        {"app_id": "2021000117659999"},
        {"seller_id": "2088102146229999"},
        {"out_trade_no": "till-7/2026.11"},
        {"out_trade_no": "till-7/2026.11", "out_biz_no": "back/1", "gmt_refund": "2026-11-02 17:00:00.320"},
        {"out_biz_no": "rfd_of_nobody", "gmt_refund": "2026-11-02 17:00:00.320"},
    ],
)
def test_what_is_told_of_others_is_set_aside(market: Market, alipay: Alipay, about: dict[str, str]) -> None:
    placed = place(market).ok()
    alipay.merchant.pay(placed["payment"]["intent_id"])
    [body] = alipay.notices()
    assert hear(market.shop, told_anew(body, **about)).ok() == "success"
    assert (status(market, placed), outcomes(market)) == ("awaiting_payment", ["PaymentQuarantined"])


def test_money_that_does_not_fit_the_order_is_set_aside(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    number = placed["payment"]["intent_id"]
    asked = alipay.merchant.asked[number]
    alipay.merchant.asked[number] = asked.model_copy(update={"total_amount": "0.01"})
    alipay.merchant.pay(number)
    alipay.tell(market.shop)
    assert (status(market, placed), outcomes(market)) == ("awaiting_payment", ["PaymentQuarantined"])


def test_only_forms_are_heard(market: Market, alipay: Alipay) -> None:
    alipay.merchant.pay(place(market).ok()["payment"]["intent_id"])
    [body] = alipay.notices()
    for media in ("application/json", "text/plain", ""):
        answer = market.shop.call("POST", "/hooks/alipay", raw=body.decode(), headers=FORM | {"content-type": media})
        assert (answer.status, answer["code"]) == (415, "wrong_media_type")
    assert outcomes(market) == []


def test_each_device_pays_in_its_own_way_and_never_two_at_once(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    order_id, by_code = placed["order"]["order_id"], placed["payment"]
    assert start(market, order_id).ok() == by_code, "asked again it is the same"
    on_phone = start(market, order_id, device="mobile").ok()
    within = start(market, order_id, **WITHIN).ok()
    assert within["action"] == {"tradeNO": alipay.merchant.trades[within["intent_id"]]["trade_no"]}
    assert start(market, order_id, device="wechat", payer_id="oUpF8").status == 422, "WeChat opens no page of Alipay's"
    by_card = start(market, order_id, method="card").ok()

    assert [alipay.merchant.pay(one["intent_id"]) for one in (by_code, within)] == [False] * 2
    alipay.fake.visit(on_phone["action"]["redirect_url"])
    assert not alipay.merchant.pay(on_phone["intent_id"])
    market.stripe.buyer.pay(by_card["client_secret"])
    market.hear()
    assert status(market, placed) == "paid"
    assert market.order(order_id)["payment_method"] == "card"


def test_a_code_that_is_too_old_to_scan_gives_way_to_a_new_one(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    order_id, first = placed["order"]["order_id"], placed["payment"]
    market.shop.pass_time(minutes=14, seconds=59)
    assert start(market, order_id).ok() == first
    market.shop.pass_time(seconds=1)
    second = start(market, order_id).ok()
    assert [alipay.merchant.pay(one["intent_id"]) for one in (first, second)] == [False, True]


def test_who_changes_the_method_just_after_paying_is_not_charged_twice(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    alipay.merchant.pay(placed["payment"]["intent_id"])
    refused = start(market, placed["order"]["order_id"], method="card")
    assert (refused.status, refused["code"]) == (409, "nothing_to_pay")
    alipay.tell(market.shop)
    assert status(market, placed) == "paid"
    assert not market.stripe.objects("payment_intent")


def test_a_code_that_was_opened_and_left_is_closed_with_its_order(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    order_id, number = placed["order"]["order_id"], placed["payment"]["intent_id"]
    alipay.merchant.open(number)
    market.cancel(order_id).ok()
    assert not alipay.merchant.pay(number)


def test_what_comes_of_a_code_that_was_given_up_is_booked_and_goes_back(market: Market, alipay: Alipay) -> None:
    placed = place(market).ok()
    order_id, number = placed["order"]["order_id"], placed["payment"]["intent_id"]
    by_card = start(market, order_id, method="card").ok()
    market.stripe.buyer.pay(by_card["client_secret"])
    market.hear()
    alipay.merchant._closed_unseen.clear()  # Alipay writes nowhere that what it did not know is closed
    assert alipay.merchant.pay(number)
    alipay.tell(market.shop)
    market.shop.drain()
    assert "LatePayment" in outcomes(market)
    accounts = books.accounts(books.entries(market.shop))
    assert (accounts["clearing:stripe"], accounts["clearing:alipay"], alipay.merchant.balance()) == (1000, 0, 0)


def test_without_an_answer_the_order_stands_and_its_payment_is_asked_for_again(market: Market, alipay: Alipay) -> None:
    alipay.fail_next("timeout_after", 2)
    placed = place(market).ok()
    assert placed["payment"] is None
    begun = start(market, placed["order"]["order_id"]).ok()
    assert list(alipay.merchant.asked) == [begun["intent_id"]]
    assert alipay.merchant.pay(begun["intent_id"])


def test_a_balance_is_topped_up_with_it(market: Market, alipay: Alipay) -> None:
    wanted = {"amount_minor": 700, "method": "alipay"}
    sent = {"Idempotency-Key": "once"}
    begun = market.shop.post("/me/payments/top-ups", wanted, as_=INES, headers=sent).ok()
    assert alipay.merchant.pay(begun["payment"]["intent_id"])
    [answer] = alipay.tell(market.shop)
    assert answer.status == 200
    [kept] = market.shop.get("/me/wallets", as_=INES).ok()["items"]
    assert (kept["balance_minor"], alipay.merchant.balance()) == (700, 700)


def test_as_long_as_its_keys_are_not_filled_in_nothing_is_paid_with_it(market: Market) -> None:
    template = {"app_id": "", "seller_id": "", "private_key": "", "notify_url": "", "return_url": "", "public_keys": []}
    text = json.dumps(template | {"live": False})
    client("secretsmanager").put_secret_value(SecretId="souk/test/alipay", SecretString=text)
    kept.forget_all()
    placed = place(market).ok()
    assert placed["payment"] is None
    refused = start(market, placed["order"]["order_id"])
    assert (refused.status, refused["code"]) == (503, "payment_provider_unavailable")
    assert hear(market.shop, urlencode(told({"notify_id": "1"})).encode()).status == 400
