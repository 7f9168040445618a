"""What is Alipay's own: answers signed by their text, keys that are replaced, and trades that nobody has seen yet."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import boto3
import pytest

from infra.local.alipay import fake as fakes
from infra.local.alipay import signing
from infra.local.alipay.trades import AlipayError, Named, NewPage
from infra.local.provider_server import Reply
from infra.local.rsa_pair import pair
from souk.gateways import alipay as gateway
from souk.gateways.providers import BadSignature, Intent, Payer, PaymentProviderUnavailable, PaymentRefused
from souk.kernel import clock, ids, kept
from tests.support.alipay import NOTIFY_URL, Alipay

pytestmark = [pytest.mark.usefixtures("vault"), pytest.mark.capability("PAY-02")]
ORDER = "ord_01KAJ5Y7Q8M2N3P4R5S6T7V8W9"
PAYERS = {
    "code": Payer(),
    "page": Payer("mobile", address="203.0.113.9"),
    "within": Payer("alipay", id="074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"),
    "within, known by number": Payer("alipay", id="2088102177846880"),
}


def make(scene: str = "code", **changes: Any) -> Intent:
    asked: dict[str, Any] = {"order_id": ORDER, "attempt": 1, "amount_minor": 4_205, "currency": "CNY"} | changes
    return gateway.create_intent(payer=PAYERS[scene], **asked)


@pytest.mark.parametrize("scene", PAYERS)
def test_each_device_is_told_what_to_do_and_can_pay_by_it_to_the_cent(alipay: Alipay, scene: str) -> None:
    made = make(scene)
    if scene == "code":
        assert made.action["code_url"].startswith("https://qr.alipay.com/")
    elif scene == "page":
        url = urlsplit(made.action["redirect_url"])
        assert f"{url.scheme}://{url.netloc}{url.path}" == f"{alipay.url}/gateway.do"
        assert dict(parse_qsl(url.query))["return_url"] == "https://shop.example.com/paid"
        alipay.fake.visit(made.action["redirect_url"])
    else:
        assert made.action == {"tradeNO": alipay.merchant.trades[made.id]["trade_no"]}
        assert PAYERS[scene].id in alipay.merchant.asked[made.id].model_dump().values()
    assert alipay.merchant.asked[made.id].total_amount == "42.05"
    assert alipay.merchant.pay(made.id)
    found = gateway.get_intent(made.id)
    assert (found.status, found.received_minor, found.charge_id) == (
        "succeeded",
        4_205,
        alipay.merchant.trades[made.id]["trade_no"],
    )


def test_a_page_that_somebody_has_changed_is_not_opened(alipay: Alipay) -> None:
    url = urlsplit(make("page").action["redirect_url"])
    said = dict(parse_qsl(url.query))
    said["biz_content"] = said["biz_content"].replace("42.05", "0.01")
    with pytest.raises(AlipayError, match="invalid-signature"):
        alipay.fake.visit(f"{alipay.url}?{urlencode(said)}")


@pytest.mark.parametrize("scene", ["code", "page"])
def test_what_nobody_has_seen_waits_to_be_paid_and_once_it_is_closed_can_be_paid_by_nobody(
    alipay: Alipay, scene: str
) -> None:
    made = make(scene)
    if scene == "page":
        alipay.merchant.asked[made.id] = NewPage.model_validate_json(
            dict(parse_qsl(urlsplit(made.action["redirect_url"]).query))["biz_content"]
        )
    assert not alipay.merchant.trades
    waits = gateway.get_intent(made.id)
    assert (waits.status, waits.amount_minor, waits.order_id) == ("requires_payment_method", None, ORDER)
    assert [gateway.cancel_intent(made.id).status for _ in range(2)] == ["canceled"] * 2
    assert not alipay.merchant.pay(made.id)


def test_what_is_not_paid_in_time_cannot_be_paid_any_more(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, unseen = make(), make(attempt=2)
    alipay.merchant.open(seen.id)
    later = clock.now() + gateway.USABLE
    monkeypatch.setattr(clock, "now", lambda: later)
    assert seen.usable_until and seen.usable_until <= later
    assert [alipay.merchant.pay(one.id) for one in (seen, unseen)] == [False, False]
    assert gateway.get_intent(seen.id).status == "canceled"


def test_the_number_of_any_order_and_attempt_fits_and_leads_back_to_them(alipay: Alipay) -> None:
    for order_id in (ids.new("ord"), ids.derived("ord", "part", "2"), ids.derived("top", "once")):
        made = make(order_id=order_id, attempt=50)
        alipay.merchant.pay(made.id)
        found = gateway.get_intent(made.id)
        assert (found.order_id, found.attempt) == (order_id, 50)
        sent = gateway.refund(order_id=order_id, refund_id=ids.new("rfd"), intent_id=made.id, amount_minor=1)
        assert len(sent.id) <= 64


def test_a_refund_of_which_nothing_is_known_yet_is_on_its_way(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make()
    alipay.merchant.pay(made.id)
    monkeypatch.setattr(alipay.fake, "_act", lambda said: {"code": "10000", "fund_change": "N"})
    sent = gateway.refund(order_id=ORDER, refund_id="rfd_1", intent_id=made.id, amount_minor=1_000)
    assert (sent.status, sent.amount_minor, sent.refund_id, sent.order_id) == ("pending", 1_000, "rfd_1", ORDER)


@pytest.mark.parametrize("spoil", ["not signed", "signed for another", "by another key", "changed"])
def test_an_answer_that_alipay_has_not_signed_is_no_answer(
    alipay: Alipay, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    made = make()
    alipay.merchant.pay(made.id)
    reply = fakes._reply

    def spoilt(method: str, answer: dict[str, Any]) -> Any:
        given = reply(method, answer)
        text = given.body.decode()
        node, _, _ = text.rpartition(',"sign":"')
        signed, another = node.partition(":")[2].encode(), pair("alipay").sign(b'{"code":"10000"}')
        others = {
            "not signed": node + "}",
            "signed for another": f'{node},"sign":"{another}"}}',
            "by another key": f'{node},"sign":"{pair("another").sign(signed)}"}}',
            "changed": text.replace("TRADE_SUCCESS", "WAIT_BUYER_PAY").replace('"send_pay_date"', '"sent"'),
        }
        return given._replace(body=others[spoil].encode())

    monkeypatch.setattr(fakes, "_reply", spoilt)
    with pytest.raises(PaymentProviderUnavailable):
        gateway.get_intent(made.id)


@pytest.mark.parametrize("first", [True, False])
def test_of_an_answer_that_is_there_twice_only_what_alipay_signed_counts(
    alipay: Alipay, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    made = make()
    alipay.merchant.open(made.id)
    reply = fakes._reply

    def doubled(method: str, answer: dict[str, Any]) -> Any:
        given = reply(method, answer)
        signed, _, sign = given.body.decode()[1:].rpartition(',"sign"')
        paid = signed.replace("WAIT_BUYER_PAY", "TRADE_SUCCESS")
        both = (signed, paid) if first else (paid, signed)
        return given._replace(body=f'{{{",".join(both)},"sign"{sign}'.encode())

    monkeypatch.setattr(fakes, "_reply", doubled)
    if first:
        assert gateway.get_intent(made.id).status == "requires_payment_method"
    else:
        with pytest.raises(PaymentProviderUnavailable):
            gateway.get_intent(made.id)


ANSWERS: dict[str, Callable[[str], Any]] = {
    "code": lambda number: make(attempt=2),
    "within": lambda number: make("within", attempt=2),
    "query": gateway.get_intent,
    "close": gateway.cancel_intent,
    "refund query": lambda number: gateway.get_refund("rfd_1_01KAJ5Y7Q8M2N3P4R5S6T7V8W9", number),
}


@pytest.mark.parametrize(
    ("of", "wrong"),
    [
        ("code", {"qr_code": None}),
        ("within", {"trade_no": None}),
        ("query", {"total_amount": None}),
        ("query", {"total_amount": 42.05}),
        ("query", {"total_amount": "a lot"}),
        ("query", {"trade_status": None}),
        ("query", {"trade_no": None}),
        ("close", {"total_amount": None}),
        ("refund query", {"refund_amount": None}),
        ("refund query", {"refund_amount": ""}),
        ("refund query", {"refund_amount": 0.01}),
    ],
)
def test_a_signed_answer_that_does_not_say_what_was_asked_leaves_it_open(
    alipay: Alipay, monkeypatch: pytest.MonkeyPatch, of: str, wrong: dict[str, Any]
) -> None:
    made = make()
    alipay.merchant.pay(made.id)
    gateway.refund(order_id=ORDER, refund_id="rfd_1", intent_id=made.id, amount_minor=1)
    act = alipay.fake._act

    def otherwise(said: Any) -> Any:
        return {name: told for name, told in (act(said) | wrong).items() if told is not None}

    monkeypatch.setattr(alipay.fake, "_act", otherwise)
    with pytest.raises(PaymentProviderUnavailable):
        ANSWERS[of](made.id)


def test_an_answer_about_another_trade_is_no_answer(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make(), make(attempt=2)
    alipay.merchant.pay(first.id)
    about_first = Named(out_trade_no=first.id)
    monkeypatch.setattr(alipay.fake, "_act", lambda said: {"code": "10000", **alipay.merchant.query(about_first)})
    with pytest.raises(PaymentProviderUnavailable):
        gateway.get_intent(second.id)


def test_an_answer_that_is_nested_too_deep_is_no_answer(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make()
    deep = b'{"alipay_trade_query_response":' + b"[" * 200_000
    monkeypatch.setattr(alipay.fake, "handle", lambda *asked: Reply(200, {}, deep))
    with pytest.raises(PaymentProviderUnavailable):
        gateway.get_intent(made.id)


def test_who_answers_in_its_place_decides_nothing(alipay: Alipay) -> None:
    made = make()
    alipay.merchant.pay(made.id)
    asked = {"order_id": ORDER, "refund_id": "rfd_1", "intent_id": made.id}
    alipay.fake.faults = ["timeout_after", "proxy"]
    with pytest.raises(PaymentProviderUnavailable):
        gateway.refund(**asked, amount_minor=1_000)
    assert alipay.merchant.balance() == 3_205, "it is done, whoever says no"
    for fault in ("proxy", "error_before", "error_after"):
        alipay.fake.faults = [fault]
        with pytest.raises(PaymentProviderUnavailable):
            gateway.find_refund(**asked)
    assert gateway.refund(**asked, amount_minor=1_000).status == "succeeded"
    assert alipay.merchant.balance() == 3_205


@pytest.mark.parametrize("sub_code", [*sorted(gateway.UNDECIDED), "ACQ.SELLER_BALANCE_NOT_ENOUGH"])
def test_what_alipay_wants_to_be_asked_again_is_no_refusal(
    alipay: Alipay, monkeypatch: pytest.MonkeyPatch, sub_code: str
) -> None:
    made = make()
    alipay.merchant.pay(made.id)

    def fail(said: Any) -> Any:
        raise AlipayError(sub_code)

    monkeypatch.setattr(alipay.fake, "_act", fail)
    expected = PaymentProviderUnavailable if sub_code in gateway.UNDECIDED else PaymentRefused
    with pytest.raises(expected) as failed:
        gateway.refund(order_id=ORDER, refund_id="rfd_1", intent_id=made.id, amount_minor=1)
    assert failed.value.facts == {"reason": sub_code}


def test_while_a_key_is_replaced_both_are_known(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = signing.secret(NOTIFY_URL)
    secret["public_keys"].append(pair("new alipay").public_pem)
    boto3.client("secretsmanager").put_secret_value(SecretId="souk/test/alipay", SecretString=json.dumps(secret))
    kept.forget_all()
    made = make()
    for module in (fakes, signing):
        monkeypatch.setattr(module, "pair", lambda name: pair(name.replace("alipay", "new alipay")))
    alipay.merchant.pay(made.id)
    assert gateway.get_intent(made.id).status == "succeeded"
    [notice] = alipay.notices()
    assert gateway.hear(notice, {}, clock.now()).object == {"id": made.id}


@pytest.mark.parametrize("name", ["app_id", "private_key"])
def test_wrong_keys_are_unavailable_and_are_not_shown(alipay: Alipay, name: str) -> None:
    wrong = {"app_id": "2021000117659999", "private_key": pair("another").private_pem}
    secret = signing.secret(NOTIFY_URL) | {name: wrong[name]}
    boto3.client("secretsmanager").put_secret_value(SecretId="souk/test/alipay", SecretString=json.dumps(secret))
    kept.forget_all()
    with pytest.raises(PaymentProviderUnavailable) as unavailable:
        gateway.get_intent("01KAJ5Y7Q8M2N3P4R5S6T7V8W9_1")
    assert str(unavailable.value.facts["reason"]).startswith("isv.invalid-")
    assert secret["private_key"] not in f"{unavailable.value}{unavailable.value.__cause__}"


def test_other_currencies_are_refused(alipay: Alipay) -> None:
    with pytest.raises(PaymentRefused):
        make(currency="EUR")
    assert not alipay.merchant.asked


@pytest.mark.parametrize("number", ["", "../x", "01KAJ5Y7Q8M2N3P4R5S6T7V8W9-1", "01KAJ5Y7Q8M2N3P4R5S6T7V8W9_١"])
def test_a_number_that_is_none_of_ours_is_not_asked_for(alipay: Alipay, number: str) -> None:
    for ask in (gateway.get_intent, gateway.cancel_intent, lambda number: gateway.get_refund("rfd_1_1", number)):
        with pytest.raises(PaymentRefused):
            ask(number)


def test_a_notice_is_of_another_scheme_or_says_a_thing_twice_and_is_refused(alipay: Alipay) -> None:
    made = make()
    alipay.merchant.pay(made.id)
    [notice] = alipay.notices()
    for forged in (
        notice.replace(b"sign_type=RSA2", b"sign_type=RSA"),
        notice.replace(b"sign_type=RSA2", b"sign_type=MD5"),
        notice + b"&trade_status=TRADE_CLOSED",
        notice + b"&more=1",
        b"&".join(b"a=%d" % number for number in range(101)),
    ):
        with pytest.raises(BadSignature):
            gateway.hear(forged, {}, clock.now())
    assert gateway.hear(notice, {}, clock.now() + timedelta(hours=24, minutes=30)).object == {"id": made.id}


def test_a_stranger_at_the_port_is_unavailable(alipay: Alipay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIPAY_API", "http://127.0.0.1:1/gateway.do")
    with pytest.raises(PaymentProviderUnavailable):
        make()
