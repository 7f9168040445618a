"""Alipay as somebody else reads its protocol: python-alipay-sdk beside our gateway, and before our own fake."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.alipay import signing
from souk.gateways import alipay as gateway
from souk.gateways.providers import BadSignature, Payer
from souk.kernel import clock, ids
from souk.kernel.settings import alipay_api
from tests.support.alipay import NOTIFY_URL, Alipay

pytestmark = [pytest.mark.usefixtures("vault"), pytest.mark.capability("PAY-02")]
ORDER = "ord_01KAJ5Y7Q8M2N3P4R5S6T7V8W9"
NUMBER, REFUND = f"{ORDER[4:]}_1", f"rfd_1_{ORDER[4:]}"
OPEN_ID = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"
PAGE = Payer("mobile", address="203.0.113.9")
PAYERS = {"code": Payer(), "page": PAGE, "within": Payer("alipay", id=OPEN_ID)}
# The SDK would ask for a page as QUICK_WAP_PAY: Alipay's own word for it is the one below.
SCENES: dict[str, tuple[str, dict[str, str]]] = {
    "code": ("api_alipay_trade_precreate", {"product_code": "FACE_TO_FACE_PAYMENT"}),
    "page": (
        "api_alipay_trade_wap_pay",
        {"product_code": "QUICK_WAP_WAY", "return_url": "https://shop.example.com/paid"},
    ),
    "within": (
        "api_alipay_trade_create",
        {"product_code": "JSAPI_PAY", "op_app_id": signing.APP_ID, "buyer_open_id": OPEN_ID},
    ),
}
# What ours says besides: that it speaks JSON, as everybody does.
BESIDES = {"format"}
Said = dict[str, str]


@pytest.fixture(autouse=True)
def at_rest() -> Iterator[None]:
    """Time stands still."""
    now = clock.now()
    clock.use(lambda: now)
    yield
    clock.use(None)


@pytest.fixture
def sdk(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The merchant's own, by the shop's clock; pyOpenSSL is for merchants with certificates."""
    monkeypatch.setitem(sys.modules, "OpenSSL", ModuleType("OpenSSL"))
    module = import_module("alipay")
    monkeypatch.setattr(module, "datetime", SimpleNamespace(now=lambda: clock.now().astimezone(gateway.BEIJING)))
    secret = signing.secret(NOTIFY_URL)
    made = module.AliPay(
        appid=secret["app_id"],
        app_notify_url=NOTIFY_URL,
        app_private_key_string=secret["private_key"],
        alipay_public_key_string=secret["public_keys"][0],
    )
    made._gateway = alipay_api()
    return made


@pytest.fixture
def sent(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> list[Said]:
    """What arrives at Alipay."""
    arrived: list[Said] = []
    handle = alipay.fake.handle

    def note(method: str, target: str, headers: Any, body: bytes) -> Any:
        arrived.append(read(urlsplit(target).query) | read(body.decode()))
        return handle(method, target, headers, body)

    monkeypatch.setattr(alipay.fake, "handle", note)
    return arrived


def read(form: str) -> Said:
    return dict(parse_qsl(form, keep_blank_values=True))


def begin(sdk: Any, scene: str = "code", **more: str) -> Any:
    name, asked = SCENES[scene]
    expires = clock.now().astimezone(gateway.BEIJING) + timedelta(minutes=15)
    said = {"subject": f"Order {ORDER}", "out_trade_no": NUMBER, "total_amount": "42.05"} | more
    return getattr(sdk, name)(**said, **asked, time_expire=f"{expires:%Y-%m-%d %H:%M:%S}")


def make(scene: str = "code") -> Any:
    return gateway.create_intent(order_id=ORDER, attempt=1, amount_minor=4_205, currency="CNY", payer=PAYERS[scene])


def test_what_the_sdk_asks_for_the_fake_does_and_tells_it_so(sdk: Any, alipay: Alipay) -> None:
    assert begin(sdk)["qr_code"].startswith("https://qr.alipay.com/")
    assert sdk.api_alipay_trade_query(NUMBER)["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    alipay.fake.visit(f"{alipay.url}/gateway.do?{begin(sdk, 'page')}")
    assert sdk.api_alipay_trade_query(NUMBER)["trade_status"] == "WAIT_BUYER_PAY"
    trade_no = begin(sdk, "within")["trade_no"]
    assert alipay.merchant.pay(NUMBER)
    paid = sdk.api_alipay_trade_query(NUMBER)
    assert (paid["trade_status"], paid["trade_no"], paid["total_amount"]) == ("TRADE_SUCCESS", trade_no, "42.05")

    back = {"out_trade_no": NUMBER, "out_request_no": REFUND}
    assert sdk.api_alipay_trade_refund(refund_amount="10.00", **back)["fund_change"] == "Y"
    assert sdk.api_alipay_trade_fastpay_refund_query(**back)["refund_status"] == "REFUND_SUCCESS"
    assert [is_taken(sdk, notice) for notice in alipay.notices()] == [True, True]

    other = f"{ORDER[4:]}_2"
    begin(sdk, "within", out_trade_no=other)
    assert sdk.api_alipay_trade_close(other)["out_trade_no"] == other
    assert sdk.api_alipay_trade_query(other)["trade_status"] == "TRADE_CLOSED"


ASKED: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "code": (make, begin),
    "within": (partial(make, "within"), partial(begin, scene="within")),
    "query": (lambda: gateway.get_intent(NUMBER), lambda sdk: sdk.api_alipay_trade_query(NUMBER)),
    "close": (lambda: gateway.cancel_intent(NUMBER), lambda sdk: sdk.api_alipay_trade_close(NUMBER)),
    "refund": (
        lambda: gateway.refund(order_id=ORDER, refund_id="rfd_1", intent_id=NUMBER, amount_minor=1_000),
        lambda sdk: sdk.api_alipay_trade_refund("10.00", NUMBER, out_request_no=REFUND),
    ),
    "refund query": (
        lambda: gateway.get_refund(REFUND, NUMBER),
        lambda sdk: sdk.api_alipay_trade_fastpay_refund_query(REFUND, out_trade_no=NUMBER),
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_asked_for_the_same_both_send_the_same_request_and_sign_it_alike(
    sdk: Any, alipay: Alipay, sent: list[Said], what: str
) -> None:
    ours, theirs = ASKED[what]
    if what not in SCENES:
        make("within")
    if what.startswith("refund"):
        alipay.merchant.pay(NUMBER)
        theirs(sdk)
        gateway.refund(order_id=ORDER, refund_id="rfd_1", intent_id=NUMBER, amount_minor=1_000)
    sent.clear()
    theirs(sdk)
    [wanted] = sent
    sent.clear()
    ours()
    [found] = [one for one in sent if one["method"] == wanted["method"]]
    need_alike(sdk, found, wanted)


@given(order=st.integers(), attempt=st.integers(1, 999), amount_minor=st.integers(1, 10**10))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_send_a_buyer_to_the_same_page(sdk: Any, order: int, attempt: int, amount_minor: int) -> None:
    order_id = ids.derived("ord", str(order))
    asked: dict[str, Any] = {"order_id": order_id, "attempt": attempt, "amount_minor": amount_minor}
    page = gateway.create_intent(**asked, currency="CNY", payer=PAGE).action["redirect_url"]
    yuan = f"{Decimal(amount_minor).scaleb(-2):.2f}"
    named = {"subject": f"Order {order_id}", "out_trade_no": f"{order_id[4:]}_{attempt}", "total_amount": yuan}
    need_alike(sdk, read(urlsplit(page).query), read(begin(sdk, "page", **named)))


def need_alike(sdk: Any, found: Said, wanted: Said) -> None:
    """The same parameters, but for those that nobody has to say; and what was said, signed as the SDK signs it."""
    assert json.loads(found["biz_content"]) == json.loads(wanted["biz_content"])
    assert found.keys() - wanted.keys() <= BESIDES
    plain = wanted.keys() - {"biz_content", "sign"}  # JSON in another order is signed otherwise
    assert {name: found.get(name) for name in plain} == {name: wanted[name] for name in plain}
    unsigned = {name: said for name, said in found.items() if name != "sign"}
    assert read(sdk.sign_data(unsigned)) == found


def test_both_take_a_notice_of_a_payment_and_of_a_refund(sdk: Any, alipay: Alipay) -> None:
    make()
    alipay.merchant.pay(NUMBER)
    gateway.refund(order_id=ORDER, refund_id="rfd_1", intent_id=NUMBER, amount_minor=1_000)
    named = [{"id": NUMBER}, {"id": REFUND, "payment_intent": NUMBER}]
    for body, wanted in zip(alipay.notices(), named, strict=True):
        assert gateway.hear(body, {}, clock.now()).object == wanted
        assert is_taken(sdk, body)


@given(place=st.integers(0, 10_000), change=st.integers(1, 255))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_takes_a_notice_that_a_changed_byte_makes_say_something_else(
    sdk: Any, alipay: Alipay, place: int, change: int
) -> None:
    """`%3a` says what `%3A` says, and the last letter of a signature has bits that mean nothing."""
    if NUMBER not in alipay.merchant.asked:
        make()
        alipay.merchant.pay(NUMBER)
    else:
        alipay.merchant._notify(NUMBER)
    [body] = alipay.notices()
    assert gateway.hear(body, {}, clock.now()).object == {"id": NUMBER}
    assert is_taken(sdk, body)
    place %= len(body)
    forged = body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    if told(forged) == told(body):
        return
    with pytest.raises(BadSignature):
        gateway.hear(forged, {}, clock.now())
    assert not is_taken(sdk, forged)


def told(notice: bytes) -> list[tuple[str, str]]:
    pairs = parse_qsl(notice.decode("utf-8", "replace"), keep_blank_values=True)
    return sorted((name, said) for name, said in pairs if name != "sign")


def is_taken(sdk: Any, notice: bytes) -> bool:
    said = read(notice.decode("utf-8", "replace"))
    try:
        return bool(sdk.verify(said, said.pop("sign", "")))
    except Exception:  # of another scheme, or of a signature that is none
        return False
