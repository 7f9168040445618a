"""WeChat Pay as somebody else reads its protocol: wechatpayv3 beside our gateway, and before our own fake."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.utils import build_authorization, load_private_key

from infra.local.wechat_pay import signing
from souk.gateways import wechat_pay as gateway
from souk.gateways.providers import BadSignature, Payer
from souk.kernel import clock, ids
from souk.kernel.settings import wechat_pay_api
from tests.support.wechat_pay import NOTIFY_URL, WechatPay

pytestmark = [pytest.mark.usefixtures("vault"), pytest.mark.capability("PAY-01")]
ORDER, NUMBER, REFUND = (
    "ord_01KAJ5Y7Q8M2N3P4R5S6T7V8W9",
    "01KAJ5Y7Q8M2N3P4R5S6T7V8W9-1",
    "rfd_1-01KAJ5Y7Q8M2N3P4R5S6T7V8W9",
)
ADDRESS, OPENID = "203.0.113.9", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
PAYERS = {"native": Payer(), "h5": Payer("mobile", address=ADDRESS), "jsapi": Payer("wechat", id=OPENID)}
SCENES: dict[str, dict[str, Any]] = {
    "native": {},
    "h5": {
        "pay_type": WeChatPayType.H5,
        "scene_info": {"payer_client_ip": ADDRESS, "h5_info": {"type": "Wap"}},
    },
    "jsapi": {"pay_type": WeChatPayType.JSAPI, "payer": {"openid": OPENID}},
}
TOTAL, BACK = {"total": 4_200, "currency": "CNY"}, {"refund": 1_000, "total": 4_200, "currency": "CNY"}


class Sent(NamedTuple):
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body or b"null")


@pytest.fixture(autouse=True)
def at_rest() -> Iterator[None]:
    """Time and chance stand still."""
    now = clock.now()
    clock.use(lambda: now)
    ids.use(Random(1))
    yield
    clock.use(None)
    ids.use(None)


@pytest.fixture
def sdk(wechat_pay: WechatPay, monkeypatch: pytest.MonkeyPatch) -> WeChatPay:
    """The merchant's own, by the shop's clock."""
    monkeypatch.setattr("wechatpayv3.utils.time", SimpleNamespace(time=lambda: clock.now().timestamp()))
    secret = signing.secret(NOTIFY_URL)
    [(public_key_id, public_key)] = secret["public_keys"].items()
    made = WeChatPay(
        WeChatPayType.NATIVE,
        mchid=secret["mchid"],
        private_key=secret["private_key"],
        cert_serial_no=secret["serial_no"],
        appid=secret["appid"],
        apiv3_key=secret["api_v3_keys"][0],
        notify_url=NOTIFY_URL,
        public_key=public_key,
        public_key_id=public_key_id,
    )
    made._core._gate_way = wechat_pay_api()
    return made


@pytest.fixture
def sent(wechat_pay: WechatPay, monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """What arrives at WeChat Pay."""
    arrived: list[Sent] = []
    handle = wechat_pay.fake.handle

    def note(*request: Any) -> Any:
        arrived.append(Sent(*request))
        return handle(*request)

    monkeypatch.setattr(wechat_pay.fake, "handle", note)
    return arrived


def pay(sdk: WeChatPay, scene: str = "native") -> tuple[int, str]:
    said = {"description": f"Order {ORDER}", "out_trade_no": NUMBER, "amount": TOTAL}
    return sdk.pay(**said, **SCENES[scene])


def make(scene: str = "native") -> Any:
    return gateway.create_intent(order_id=ORDER, attempt=1, amount_minor=4_200, currency="CNY", payer=PAYERS[scene])


def refund(sdk: WeChatPay) -> tuple[int, str]:
    return sdk.refund(out_refund_no=REFUND, out_trade_no=NUMBER, amount=BACK)


def told(sdk: WeChatPay, wechat_pay: WechatPay) -> dict[str, Any]:
    [(body, headers)] = wechat_pay.notices()
    heard = sdk.callback(headers, body)
    assert heard, "the SDK does not believe it"
    return dict(heard)


def test_what_the_sdk_asks_for_the_fake_does_and_tells_it_so(sdk: WeChatPay, wechat_pay: WechatPay) -> None:
    for scene, action in (("native", "code_url"), ("h5", "h5_url"), ("jsapi", "prepay_id")):
        wechat_pay.merchant.orders.clear()
        status, text = pay(sdk, scene)
        assert (status, list(json.loads(text))) == (200, [action])
        assert wechat_pay.merchant.orders[NUMBER]["asked"][0] == scene

    def state() -> str:
        return str(json.loads(sdk.query(out_trade_no=NUMBER)[1])["trade_state"])

    assert state() == "NOTPAY"
    wechat_pay.merchant.pay(NUMBER)
    assert state() == "SUCCESS"
    paid = told(sdk, wechat_pay)
    assert (paid["event_type"], paid["resource"]["amount"]["total"]) == ("TRANSACTION.SUCCESS", 4_200)

    assert json.loads(refund(sdk)[1])["status"] == "PROCESSING"
    wechat_pay.settle_refunds()
    back = told(sdk, wechat_pay)
    assert (back["event_type"], back["resource"]["out_refund_no"]) == ("REFUND.SUCCESS", REFUND)
    assert json.loads(sdk.query_refund(REFUND)[1])["status"] == "SUCCESS"

    wechat_pay.merchant.orders.clear()
    pay(sdk)
    assert sdk.close(NUMBER)[0] == 204
    assert state() == "CLOSED"


ASKED: dict[str, tuple[Callable[[], Any], Callable[[WeChatPay], Any]]] = {
    **{scene: (partial(make, scene), partial(pay, scene=scene)) for scene in SCENES},
    "query": (lambda: gateway.get_intent(NUMBER), lambda sdk: sdk.query(out_trade_no=NUMBER)),
    "close": (lambda: gateway.cancel_intent(NUMBER), lambda sdk: sdk.close(NUMBER)),
    "refund": (
        lambda: gateway.refund(order_id=ORDER, refund_id="rfd_1", intent_id=NUMBER, amount_minor=1_000),
        refund,
    ),
    "refund query": (lambda: gateway.get_refund(REFUND, NUMBER), lambda sdk: sdk.query_refund(REFUND)),
}


@pytest.mark.parametrize("what", ASKED)
def test_asked_for_the_same_both_send_the_same_request_and_sign_it_alike(
    sdk: WeChatPay, wechat_pay: WechatPay, sent: list[Sent], what: str
) -> None:
    ours, theirs = ASKED[what]
    if what not in SCENES:
        make()
    if what.startswith("refund"):
        wechat_pay.merchant.pay(NUMBER)
        refund(sdk)
    sent.clear()
    theirs(sdk)
    [wanted] = sent
    sent.clear()
    ours()
    [found] = [one for one in sent if (one.method, one.target) == (wanted.method, wanted.target)]
    assert found.said == wanted.said
    for name in ("accept", "content-type", "wechatpay-serial"):
        assert found.headers.get(name) == wanted.headers[name], name
    again = build_authorization(
        found.target,
        found.method,
        signing.MCHID,
        signing.SERIAL,
        load_private_key(signing.secret(NOTIFY_URL)["private_key"]),
        data=found.body.decode(),
        nonce_str=found.headers["authorization"].split('nonce_str="')[1].split('"')[0],
    )
    assert found.headers["authorization"] == again


def test_the_bridge_within_wechat_is_told_what_the_sdk_would_tell_it(sdk: WeChatPay, wechat_pay: WechatPay) -> None:
    action = make("jsapi").action
    assert action["paySign"] == sdk.sign([action[name] for name in ("appId", "timeStamp", "nonceStr", "package")])


def test_both_take_a_notice_of_a_payment_and_of_a_refund(sdk: WeChatPay, wechat_pay: WechatPay) -> None:
    make()
    wechat_pay.merchant.pay(NUMBER)
    refund(sdk)
    wechat_pay.settle_refunds()
    for body, headers in wechat_pay.notices():
        ours, theirs = heard(body, headers), sdk.callback(headers, body)
        named = (
            {"id": "out_refund_no", "payment_intent": "out_trade_no"}
            if "REFUND" in ours.type
            else {"id": "out_trade_no"}
        )
        assert ours.object == {name: theirs["resource"][said] for name, said in named.items()}
        assert (ours.id, ours.type) == (f"wechat_pay:{theirs['id']}", theirs["event_type"])


@given(place=st.integers(0, 10_000), change=st.integers(1, 255))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_takes_a_notice_of_which_a_byte_was_changed(
    sdk: WeChatPay, wechat_pay: WechatPay, place: int, change: int
) -> None:
    if NUMBER not in wechat_pay.merchant.orders:
        make()
    wechat_pay.merchant.orders[NUMBER]["trade_state"] = "NOTPAY"
    wechat_pay.merchant.pay(NUMBER)
    [(body, headers)] = wechat_pay.notices()
    assert heard(body, headers).object == {"id": NUMBER}
    assert is_taken(sdk, body, headers)
    place %= len(body)
    forged = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    with pytest.raises(BadSignature):
        heard(forged, headers)
    assert not is_taken(sdk, forged, headers)


@pytest.mark.parametrize("name", ["Nonce", "Serial", "Signature", "Timestamp"])
def test_neither_takes_a_notice_that_was_signed_otherwise(sdk: WeChatPay, wechat_pay: WechatPay, name: str) -> None:
    make()
    wechat_pay.merchant.pay(NUMBER)
    [(body, headers)] = wechat_pay.notices()
    assert is_taken(sdk, body, headers)
    said = headers[f"Wechatpay-{name}"]
    forged = headers | {f"Wechatpay-{name}": ("1" if said[0] != "1" else "2") + said[1:]}
    with pytest.raises(BadSignature):
        heard(body, forged)
    assert not is_taken(sdk, body, forged)


def heard(body: bytes, headers: Mapping[str, str]) -> Any:
    return gateway.hear(body, {name.lower(): said for name, said in headers.items()}, clock.now())


def is_taken(sdk: WeChatPay, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        return bool(sdk.callback(headers, body))
    except Exception:  # of text that is none, or of a key that it would have to fetch
        return False
