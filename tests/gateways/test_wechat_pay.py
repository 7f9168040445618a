"""What is WeChat Pay's own: answers that must be signed, keys that are replaced, and an order told by its number."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from infra.local.provider_server import Reply
from infra.local.rsa_pair import pair
from infra.local.wechat_pay import signing
from infra.local.wechat_pay.fake import FakeWechatPay
from souk.gateways import wechat_pay as gateway
from souk.gateways.providers import BadEvent, Intent, Payer, PaymentProviderUnavailable, PaymentRefused
from souk.kernel import clock, ids, kept
from tests.support.wechat_pay import NOTIFY_URL, WechatPay

pytestmark = [pytest.mark.usefixtures("vault"), pytest.mark.capability("PAY-01")]
ORDER = "ord_01KAJ5Y7Q8M2N3P4R5S6T7V8W9"
PAYERS = {"native": Payer(), "h5": Payer("mobile", address="203.0.113.9"), "jsapi": Payer("wechat", id="oUpF8uMu")}


def make(scene: str = "native", **changes: Any) -> Intent:
    asked: dict[str, Any] = {"order_id": ORDER, "attempt": 1, "amount_minor": 4_200, "currency": "CNY"} | changes
    return gateway.create_intent(payer=PAYERS[scene], **asked)


def fill_in(**changes: Any) -> dict[str, Any]:
    """What the merchant keeps in its vault from now on."""
    secret = signing.secret(NOTIFY_URL) | changes
    boto3.client("secretsmanager").put_secret_value(SecretId="souk/test/wechat-pay", SecretString=json.dumps(secret))
    kept.forget_all()
    return secret


@pytest.mark.parametrize(("scene", "told"), [("native", {"code_url"}), ("h5", {"redirect_url"})])
def test_the_buyers_device_is_told_what_to_do(wechat_pay: WechatPay, scene: str, told: set[str]) -> None:
    made = make(scene)
    assert set(made.action) == told
    assert made.usable_until
    assert wechat_pay.merchant.orders[made.id]["asked"][0] == scene
    with pytest.raises(PaymentRefused):
        make("jsapi")


ANSWERS: dict[str, Callable[[str], Any]] = {
    "order": lambda number: make(attempt=2),
    "query": gateway.get_intent,
    "close": gateway.cancel_intent,
    "refund": lambda number: gateway.refund(order_id=ORDER, refund_id="rfd_1", intent_id=number, amount_minor=1),
    "refund query": lambda number: gateway.get_refund("rfd_1-01KAJ5Y7Q8M2N3P4R5S6T7V8W9", number),
}


@pytest.mark.parametrize(
    ("of", "wrong"),
    [
        ("order", {"code_url": None}),
        ("query", {"out_trade_no": "01KAJ5Y7Q8M2N3P4R5S6T7V8W9-2"}),
        ("query", {"trade_state": None}),
        ("query", {"amount": None}),
        ("query", {"amount": {"currency": "CNY"}}),
        ("query", {"amount": {"total": "4200"}}),
        ("query", {"transaction_id": None}),
        ("close", {"amount": None}),
        ("refund", {"amount": None}),
        ("refund query", {"status": None}),
        ("refund query", {"out_refund_no": "rfd_2-01KAJ5Y7Q8M2N3P4R5S6T7V8W9"}),
        ("refund query", {"amount": {"total": 4200}}),
    ],
)
def test_a_signed_answer_that_does_not_say_what_was_asked_leaves_it_open(
    wechat_pay: WechatPay, monkeypatch: pytest.MonkeyPatch, of: str, wrong: dict[str, Any]
) -> None:
    made = make()
    wechat_pay.merchant.pay(made.id)
    if of == "refund query":
        ANSWERS["refund"](made.id)
    act = wechat_pay.fake._act

    def otherwise(*request: Any) -> Any:
        given = (act(*request) or {}) | wrong
        return {name: said for name, said in given.items() if said is not None}

    monkeypatch.setattr(wechat_pay.fake, "_act", otherwise)
    with pytest.raises(PaymentProviderUnavailable):
        ANSWERS[of](made.id)


def test_an_answer_that_somebody_has_kept_is_none_after_five_minutes(
    wechat_pay: WechatPay, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, handle, replies = make(), wechat_pay.fake.handle, list[Reply]()

    def kept_reply(*asked: Any) -> Reply:
        if not replies:
            replies.append(handle(*asked))
        return replies[0]

    monkeypatch.setattr(wechat_pay.fake, "handle", kept_reply)
    gateway.get_intent(made.id)
    wechat_pay.merchant.pay(made.id)
    assert gateway.get_intent(made.id).status == "requires_payment_method"
    later = clock.now() + timedelta(seconds=302)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(PaymentProviderUnavailable):
        gateway.get_intent(made.id)


def test_the_bridge_within_wechat_is_told_what_the_merchant_has_signed(wechat_pay: WechatPay) -> None:
    action = make("jsapi").action
    assert set(action) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    said = signing.lines(action["appId"], action["timeStamp"], action["nonceStr"], action["package"])
    assert pair("merchant").has_signed(action["paySign"], said)


def test_the_number_of_any_order_and_attempt_fits_and_leads_back_to_them(wechat_pay: WechatPay) -> None:
    for order_id in (ids.new("ord"), ids.derived("ord", "part", "2"), ids.derived("top", "once")):
        made = make(order_id=order_id, attempt=50)
        assert len(made.id) <= 32
        found = gateway.get_intent(made.id)
        assert (found.order_id, found.attempt) == (order_id, 50)
        wechat_pay.merchant.pay(made.id)
        sent = gateway.refund(order_id=order_id, refund_id=ids.new("rfd"), intent_id=made.id, amount_minor=1)
        assert len(sent.id) <= 64


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda headers: {}, id="not signed"),
        pytest.param(lambda headers: headers | {"Wechatpay-Nonce": "0" * 32}, id="signed for another"),
        pytest.param(lambda headers: headers | {"Wechatpay-Serial": "PUB_KEY_ID_0"}, id="by an unknown key"),
    ],
)
def test_an_answer_that_wechat_pay_has_not_signed_is_no_answer(
    wechat_pay: WechatPay, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    made = make()
    wechat_pay.merchant.pay(made.id)
    sign = FakeWechatPay.signed
    monkeypatch.setattr(FakeWechatPay, "signed", lambda fake, *asked: spoil(sign(fake, *asked)))
    with pytest.raises(PaymentProviderUnavailable):
        gateway.get_intent(made.id)


def test_while_a_key_is_replaced_both_are_known(wechat_pay: WechatPay, monkeypatch: pytest.MonkeyPatch) -> None:
    both = signing.secret(NOTIFY_URL)["public_keys"] | {"PUB_KEY_ID_NEW": pair("new platform").public_pem}
    fill_in(public_keys=both)
    made = make()
    monkeypatch.setattr("infra.local.wechat_pay.fake.PUBLIC_KEY_ID", "PUB_KEY_ID_NEW")
    monkeypatch.setattr("infra.local.wechat_pay.fake.pair", lambda name: pair(name.replace("platform", "new platform")))
    wechat_pay.merchant.pay(made.id)
    assert gateway.get_intent(made.id).status == "succeeded"
    [notice] = wechat_pay.notices()
    body, headers = notice[0], {name.lower(): value for name, value in notice[1].items()}
    assert gateway.hear(body, headers, clock.now()).object == {"id": made.id}


def test_while_the_key_of_notices_is_replaced_both_open_them(wechat_pay: WechatPay) -> None:
    wechat_pay.merchant.pay(make().id)
    [(body, given)] = wechat_pay.notices()
    headers = {name.lower(): value for name, value in given.items()}
    for keys in (["x" * 32, signing.API_V3_KEY], [signing.API_V3_KEY, "x" * 32]):
        fill_in(api_v3_keys=keys)
        assert gateway.hear(body, headers, clock.now()).object == {"id": f"{ORDER[4:]}-1"}
    fill_in(api_v3_keys=["x" * 32])
    with pytest.raises(BadEvent):
        gateway.hear(body, headers, clock.now())


def test_who_goes_over_from_a_certificate_to_a_public_key_is_answered_with_the_key(wechat_pay: WechatPay) -> None:
    wechat_pay.fake.goes_over = True
    made = make()
    wechat_pay.merchant.pay(made.id)
    assert gateway.get_intent(made.id).status == "succeeded"


def test_a_merchant_that_has_only_a_certificate_is_answered_with_that(wechat_pay: WechatPay) -> None:
    wechat_pay.fake.goes_over = True
    fill_in(public_keys={signing.CERTIFICATE: pair("platform certificate").public_pem})
    assert make().action


@pytest.mark.parametrize("name", ["serial_no", "mchid", "private_key"])
def test_wrong_keys_are_unavailable_and_are_not_shown(wechat_pay: WechatPay, name: str) -> None:
    wrong = {"serial_no": "0" * 40, "mchid": "1900009999", "private_key": pair("another").private_pem}
    secret = fill_in(**{name: wrong[name]})
    with pytest.raises(PaymentProviderUnavailable) as unavailable:
        gateway.get_intent("01KAJ5Y7Q8M2N3P4R5S6T7V8W9-1")
    assert unavailable.value.facts == {"reason": "SIGN_ERROR"}
    assert secret["private_key"] not in f"{unavailable.value}{unavailable.value.__cause__}"


def test_other_currencies_are_refused(wechat_pay: WechatPay) -> None:
    with pytest.raises(PaymentRefused):
        make(currency="EUR")
    assert not wechat_pay.merchant.orders


@pytest.mark.parametrize("number", ["", "../../certificates", "a?b=c", "x" * 65])
def test_a_number_that_is_none_is_not_asked_for(wechat_pay: WechatPay, number: str) -> None:
    for ask in (gateway.get_intent, gateway.cancel_intent, lambda number: gateway.get_refund(number, number)):
        with pytest.raises(PaymentRefused):
            ask(number)


def test_an_answer_that_is_nested_too_deep_is_no_answer(wechat_pay: WechatPay, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make()
    monkeypatch.setattr(wechat_pay.fake, "handle", lambda *asked: Reply(200, {}, b"[" * 200_000))
    with pytest.raises(PaymentProviderUnavailable):
        gateway.get_intent(made.id)


def test_who_answers_in_its_place_decides_nothing(wechat_pay: WechatPay) -> None:
    made = make()
    wechat_pay.merchant.pay(made.id)
    asked = {"order_id": ORDER, "refund_id": "rfd_1", "intent_id": made.id}
    wechat_pay.fake.faults = ["none", "timeout_after", "proxy"]  # the order is looked up first
    with pytest.raises(PaymentProviderUnavailable):
        gateway.refund(**asked, amount_minor=1_000)
    [number] = wechat_pay.merchant.refunds
    assert wechat_pay.merchant.balance() == 3_200, "it is done, whoever says no"
    wechat_pay.fake.faults = ["proxy"]
    with pytest.raises(PaymentProviderUnavailable):
        gateway.find_refund(**asked)
    assert gateway.refund(**asked, amount_minor=1_000).id == number
    assert wechat_pay.merchant.balance() == 3_200


def test_a_stranger_at_the_port_is_unavailable(wechat_pay: WechatPay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT_PAY_API", "http://127.0.0.1:1")
    with pytest.raises(PaymentProviderUnavailable):
        make()
