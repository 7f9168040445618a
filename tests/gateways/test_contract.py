"""What the shop relies on of every payment provider, proved with each against its fake at the wire."""

from datetime import timedelta
from typing import Any

import pytest

from souk.gateways.providers import (
    AskedOtherwise,
    BadEvent,
    BadSignature,
    Intent,
    PaymentProviderUnavailable,
    PaymentRefused,
    Refund,
)
from souk.kernel import clock
from tests.gateways.wires import DESKTOP, WIRES, Wire

pytestmark = pytest.mark.usefixtures("vault")
ROWS = {
    "card": ["PAY-03", "PAY-04"],
    "unionpay": ["PAY-03"],
    "paypal": ["PAY-05"],
    "alipay_abroad": ["PAY-07"],
    "wechat_pay_abroad": ["PAY-07"],
    "wechat_pay": ["PAY-01"],
    "alipay": ["PAY-02"],
}
ORDER, OTHER_ORDER = "ord_01KAJ5Y7Q8M2N3P4R5S6T7V8W9", "ord_01KAJ5Y7Q8M2N3P4R5S6T7V8WA"
TIMEOUTS = ["timeout_before", "timeout_after"]


@pytest.fixture(
    params=[pytest.param(name, marks=[pytest.mark.capability(row) for row in ROWS[name]]) for name in WIRES]
)
def wire(request: pytest.FixtureRequest, vault: None) -> Wire:
    fake = WIRES[request.param]
    return fake.wire(request.getfixturevalue(fake.fixture))


def make(wire: Wire, **changes: Any) -> Intent:
    asked: dict[str, Any] = {
        "order_id": ORDER,
        "attempt": 1,
        "amount_minor": 4_200,
        "currency": wire.currency,
    } | changes
    return wire.gateway.create_intent(method=wire.method, payer=DESKTOP, **asked)


def paid(wire: Wire, **changes: Any) -> Intent:
    intent = make(wire, **changes)
    assert wire.pay(intent)
    return wire.gateway.get_intent(intent.id)


def refund(wire: Wire, intent: Intent, amount_minor: int, refund_id: str = "rfd_1", order_id: str = ORDER) -> Refund:
    return wire.gateway.refund(order_id=order_id, refund_id=refund_id, intent_id=intent.id, amount_minor=amount_minor)


def test_an_intent_is_made_paid_and_looked_at(wire: Wire) -> None:
    made = make(wire)
    assert (made.status, made.received_minor, made.charge_id) == ("requires_payment_method", 0, None)
    assert (made.order_id, made.attempt, made.currency, made.livemode) == (ORDER, 1, wire.currency, False)
    before = wire.gateway.get_intent(made.id)
    assert (before.status, before.order_id, before.attempt) == ("requires_payment_method", ORDER, 1)
    assert before.amount_minor in (None, 4_200)

    assert wire.pay(made)
    after = wire.gateway.get_intent(made.id)
    assert (after.status, after.amount_minor, after.received_minor) == ("succeeded", 4_200, 4_200)
    assert (after.order_id, after.attempt, after.decline_code) == (ORDER, 1, None)
    assert after.charge_id
    assert wire.kept_minor() == 4_200


def test_the_same_attempt_is_one_intent_and_another_attempt_another(wire: Wire) -> None:
    assert make(wire).id == make(wire).id
    assert make(wire, attempt=2).id != make(wire).id
    assert wire.intents() == 2


def test_the_same_attempt_cannot_ask_for_another_amount(wire: Wire) -> None:
    made = make(wire)
    wire.open(made)
    with pytest.raises(AskedOtherwise):
        make(wire, amount_minor=4_201)
    assert wire.intents() == 1
    assert wire.pay(made)
    assert wire.kept_minor() == 4_200


def test_what_is_cancelled_can_be_paid_by_nobody(wire: Wire) -> None:
    made = make(wire)
    wire.open(made)
    assert [wire.gateway.cancel_intent(made.id).status for _ in range(2)] == ["canceled"] * 2
    assert not wire.pay(made)
    assert wire.gateway.get_intent(made.id).status == "canceled"
    assert wire.kept_minor() == 0


def test_cancelling_what_was_just_paid_answers_that_it_is_paid(wire: Wire) -> None:
    intent = paid(wire)
    assert wire.gateway.cancel_intent(intent.id) == intent


def test_refunds_go_back_to_the_cent_and_never_above(wire: Wire) -> None:
    intent = paid(wire)
    first = refund(wire, intent, 1_399)
    assert (first.amount_minor, first.currency, first.refund_id) == (1_399, wire.currency, "rfd_1")
    with pytest.raises(PaymentRefused):
        refund(wire, intent, 2_802, "rfd_2")
    refund(wire, intent, 2_801, "rfd_3")
    with pytest.raises(PaymentRefused):
        refund(wire, intent, 1, "rfd_4")
    wire.settle()
    assert wire.gateway.get_refund(first.id, intent.id).status == "succeeded"
    assert wire.kept_minor() == 0
    assert wire.gateway.get_intent(intent.id).status == "succeeded"


def test_a_refund_is_sent_once_however_often_it_is_asked_for(wire: Wire) -> None:
    intent = paid(wire)
    named = {"order_id": ORDER, "refund_id": "rfd_1", "intent_id": intent.id}
    assert wire.gateway.find_refund(**named) is None
    sent = [refund(wire, intent, 1_000) for _ in range(2)]
    assert sent[0] == sent[1] == wire.gateway.get_refund(sent[0].id, intent.id) == wire.gateway.find_refund(**named)
    assert wire.kept_minor() == 3_200


def test_a_refund_tells_whose_it_is_though_it_was_paid_for_another_order(wire: Wire) -> None:
    intent = paid(wire)
    sent = refund(wire, intent, 500, "rfd_9", OTHER_ORDER)
    assert (sent.order_id, sent.refund_id) == (OTHER_ORDER, "rfd_9")
    assert wire.gateway.get_refund(sent.id, intent.id) == sent


def test_what_was_never_paid_cannot_be_refunded(wire: Wire) -> None:
    with pytest.raises(PaymentRefused):
        refund(wire, make(wire), 1)
    assert wire.kept_minor() == 0


def test_what_the_provider_does_not_know_is_refused(wire: Wire) -> None:
    for ask in (wire.gateway.get_intent, wire.gateway.cancel_intent):
        with pytest.raises(PaymentRefused):
            ask("unknown-1")
    with pytest.raises(PaymentRefused):
        wire.gateway.get_refund("unknown-1", paid(wire).id)


@pytest.mark.parametrize("fault", TIMEOUTS)
def test_a_lost_answer_is_asked_for_again_and_charges_and_refunds_once(wire: Wire, fault: str) -> None:
    wire.fail_next(fault)
    made = make(wire)
    assert wire.intents() == 1
    assert wire.pay(made)
    wire.fail_next(fault)
    assert wire.gateway.get_intent(made.id).status == "succeeded"
    wire.fail_next(fault)
    refund(wire, made, 1_000)
    assert wire.kept_minor() == 3_200
    wire.fail_next(fault)
    assert wire.gateway.cancel_intent(made.id).status == "succeeded"


@pytest.mark.parametrize("fault", [*TIMEOUTS, "too_many_requests"])
def test_without_an_answer_the_provider_is_unavailable_and_the_same_call_is_safe_later(wire: Wire, fault: str) -> None:
    wire.fail_next(fault, 2)
    with pytest.raises(PaymentProviderUnavailable):
        make(wire)
    wire.mend()
    made = make(wire)
    assert wire.intents() == 1
    assert wire.pay(made)
    wire.fail_next(fault, 2)
    with pytest.raises(PaymentProviderUnavailable):
        refund(wire, made, 1_000)
    wire.mend()
    refund(wire, made, 1_000)
    assert wire.kept_minor() == 3_200


def test_a_notice_names_what_was_paid_and_comes_again_as_the_same(wire: Wire) -> None:
    intent = paid(wire)
    told = [wire.gateway.hear(*notice, clock.now()) for notice in wire.notices()]
    assert {event.object["id"] for event in told} == {intent.id}
    assert {(event.livemode, event.account) for event in told} == {(False, None)}
    [again] = {wire.gateway.hear(*notice, clock.now()).id for notice in _paid_twice(wire)}
    assert again not in {event.id for event in told}


def _paid_twice(wire: Wire) -> list[tuple[bytes, dict[str, str]]]:
    paid(wire, attempt=2)
    [notice] = wire.notices()
    return [notice, wire.signed(notice[0])]


def test_a_notice_of_a_refund_names_it(wire: Wire) -> None:
    intent = paid(wire)
    wire.notices()
    sent = refund(wire, intent, 1_000)
    wire.settle()
    told = [wire.gateway.hear(*notice, clock.now()) for notice in wire.notices()]
    assert {(event.object["id"], event.object["payment_intent"]) for event in told} == {(sent.id, intent.id)}


def test_a_notice_that_is_not_signed_as_it_should_be_is_refused(wire: Wire) -> None:
    paid(wire)
    [(body, headers)] = wire.notices()
    wrong = [(body + b" ", headers), (body[:-1], headers), (b"", headers), (b"\xff\xfe", headers), (body * 2, headers)]
    for name in wire.signature:
        value = headers[name]
        wrong += [(body, {k: v for k, v in headers.items() if k != name})]
        wrong += [(body, headers | {name: other}) for other in ("", value[:-1], value + "1", "é", "\udcff", "9" * 5000)]
    for forged in wrong:
        with pytest.raises(BadSignature):
            wire.gateway.hear(*forged, clock.now())


@pytest.mark.parametrize("after", [timedelta(), timedelta(days=1)])
def test_an_old_notice_and_one_of_the_future_are_refused(wire: Wire, after: timedelta) -> None:
    paid(wire)
    [(body, headers)] = wire.notices()
    for away in (wire.oldest + timedelta(seconds=1), -timedelta(seconds=301)):
        with pytest.raises(BadSignature):
            wire.gateway.hear(body, headers, clock.now() + away + (after if away > timedelta() else -after))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"id": 7}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_signed_and_is_no_event_is_refused(wire: Wire, body: bytes) -> None:
    with pytest.raises(BadEvent):
        wire.gateway.hear(*wire.signed(body), clock.now())
