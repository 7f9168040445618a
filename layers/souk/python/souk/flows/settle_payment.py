"""What the provider says of a payment reaches its order once, whoever asked: webhook, return page or poller."""

from collections.abc import Callable
from datetime import datetime

from souk.domains.orders.actions import moves
from souk.domains.orders.model.goods import SaleShare
from souk.domains.orders.model.order import Order
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import attempts, charges, refunds, velocity
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import NotTaken, Payment, PaymentLapsed, PaymentSetAside
from souk.domains.payments.model.provider import EventSeen, ProviderEvent
from souk.domains.payments.store import payments as payment_store
from souk.domains.payments.store import refunds as refund_store
from souk.domains.promotions.model.flash_sale import SaleOver
from souk.domains.stores.store.settings import at_hand
from souk.flows import pay_from_balance, replacement
from souk.gateways import payments as providers
from souk.gateways.metrics import count
from souk.gateways.providers import Intent, UnknownToProvider
from souk.kernel import clock, settings
from souk.kernel.caller import Caller, system
from souk.kernel.errors import Refusal
from souk.table import keys
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import ChangedMeanwhile, Unit


def settle(order_id: str, intent: Intent, source: str, event: ProviderEvent | None = None) -> Outcome:
    """Idempotent. Money for an order that is over is held for it or owed back, never passed over."""
    return again(lambda: _settle(order_id, intent, source, event))


def ask(payment: Payment, source: str) -> Outcome:
    """Asks the provider now, where the buyer may have paid."""
    if payment.is_covered:
        return pay_from_balance.settle(payment.order_id, source)
    if payment.live is None:
        return Outcome.NOTHING_NEW
    return settle(payment.order_id, providers.at(payment.provider).get_intent(payment.live), source)


def stopped(payment: Payment, by: Caller) -> bool:
    """Whether the provider takes nothing after this; where it has taken it before, that is settled.

    What staff end ends, though the provider does not know the payment, or has taken what does not fit it: that is set
    aside there, for them to send back. Anybody else is refused: UnknownToProvider, PaymentSetAside.
    """
    try:
        intent = attempts.stop(payment)
    except UnknownToProvider:
        if by.kind == "staff":
            return True
        raise
    if intent is None:
        return True
    outcome = settle(payment.order_id, intent, by.id)
    count(outcome)
    if outcome is Outcome.QUARANTINED and by.kind != "staff":
        raise PaymentSetAside()
    return outcome is Outcome.QUARANTINED


def poll(most: int) -> list[Outcome]:
    """Asks for every payment and refund that has no outcome yet, or may have another one by now: enough where neither
    webhook nor return page came.
    """
    paid = [_poll_payment(order_id) for order_id in payment_store.awaited(most)]
    held = [_take_held(order_id) for order_id in payment_store.to_take(clock.now(), most)]
    sent = [_poll_refund(refunds.send, *one) for one in refund_store.refunds_awaited(most)]
    posted = refund_store.refunds_to_look_at(clock.now(), most)
    return paid + held + sent + [_poll_refund(refunds.look_at, *one) for one in posted]


def take(order_id: str, source: str) -> Outcome:
    """What is authorised for the order is taken, if it is not yet; asked again it is found to be.

    NotTaken where the provider does not give it. Where it has let go of it, the order ends.
    """
    payment = payment_store.find(order_id)
    if payment is None or payment.status != "authorised":
        return Outcome.NOTHING_NEW
    return settle(order_id, attempts.take(payment), source)


def taken(rows: Rows, source: str) -> Rows:
    """The rows of an order once its money is there, for whatever needs that; the order itself is not changed by it.

    PaymentLapsed where it ends in place of that.
    """
    payment = payment_store.find_in(rows)
    if payment is None or payment.status != "authorised":
        return rows
    outcome = take(payment.order_id, source)
    count(outcome)
    if outcome is Outcome.LAPSED:
        raise PaymentLapsed()
    after = store.whole(payment.order_id)
    if payment_store.in_rows(after).status != "captured":  # the order has ended at this very moment
        raise ChangedMeanwhile()
    return after


def _take_held(order_id: str) -> Outcome:
    try:
        return take(order_id, system("poller").id)
    except NotTaken:  # it was answered, and is asked for again
        return Outcome.NOTHING_NEW
    except Refusal:
        return Outcome.UNANSWERED


def _poll_payment(order_id: str) -> Outcome:
    try:
        return ask(payment_store.of_order(order_id), system("poller").id)
    except Refusal:  # it must not keep the others waiting, and is asked about again
        return Outcome.UNANSWERED


def _poll_refund(ask: Callable[[Unit, str, str], Outcome], order_id: str, refund_id: str) -> Outcome:
    def asked() -> Outcome:
        with Unit() as unit:
            return ask(unit, order_id, refund_id)

    try:
        return again(asked)
    except Refusal:
        return Outcome.UNANSWERED


def _settle(order_id: str, intent: Intent, source: str, event: ProviderEvent | None) -> Outcome:
    rows = store.whole(order_id)
    payment = payment_store.in_rows(rows)
    order = None if payment.top_up else store.in_rows(rows)
    ours = payment.attempt_of(attempts.answer_of(intent), settings.live_money())
    if intent.status == "requires_capture" and ours and not _waits(order, payment, intent):
        intent = attempts.capture(payment, intent, order_awaits=_awaits(order))
    try:
        return _write(rows, order, intent, source, event, order.held_for_sale() if order else None)
    except SaleOver:  # what was set aside for it is the store's again
        return _write(rows, order, intent, source, event, None)


def _write(
    rows: Rows,
    order: Order | None,
    intent: Intent,
    source: str,
    event: ProviderEvent | None,
    share: SaleShare | None,
) -> Outcome:
    payment = payment_store.in_rows(rows)
    with Unit() as unit:
        outcome = apply(unit, order, payment, intent, source, clock.now())
        if outcome is Outcome.LAPSED and order:
            from souk.flows import let_go  # which refunds, and a refund is settled here

            let_go.end(unit, rows, order, share, order.let_go_for(source))
        if event:
            unit.add(keys.PROVIDER_EVENT, event.heard(outcome, payment.order_id), otherwise=EventSeen())
    return outcome


def apply(unit: Unit, order: Order | None, payment: Payment, intent: Intent, source: str, at: datetime) -> Outcome:
    """What the intent means for the payment and its order, if it is of one."""
    may_revive = order is not None and order.may_revive
    outcome = charges.settle(unit, payment, intent, order_awaits=_awaits(order), may_revive=may_revive, at=at)
    if outcome is Outcome.DECLINED:  # before it is written down: where this breaks off, it is heard again
        velocity.watch(payment, intent.id)
    if outcome is Outcome.CAPTURED and order and order.exchange_of:
        replacement.note_paid(unit, order, by=source)
    elif outcome is Outcome.CAPTURED and order and payment.status == "authorised":
        moves.note_taken(unit, order)
    elif outcome in (Outcome.CAPTURED, Outcome.AUTHORISED) and order:
        taken = outcome is Outcome.CAPTURED
        moves.mark_paid(unit, order, method=payment.through(intent.id).method, at=at, by=source, taken=taken)
    return outcome


def _waits(order: Order | None, payment: Payment, intent: Intent) -> bool:
    """Whether it stays authorised until something needs it: whatever is set since, what does so already stays so."""
    if payment.status == "authorised":
        return payment.is_held_by(intent.id)
    awaits = order is not None and order.awaits_payment and payment.may_wait(intent.id)
    return awaits and at_hand().settings.capture == "at_shipment"


def _awaits(order: Order | None) -> bool:
    """A top-up has no order, and waits as long as its payment does."""
    return order is None or order.takes_payment
