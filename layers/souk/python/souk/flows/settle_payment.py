"""What the provider says of a payment reaches its order once, whoever asked: webhook, return page or poller."""

from collections.abc import Callable
from datetime import datetime

from souk.domains.orders.actions import moves
from souk.domains.orders.model.order import Order
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import attempts, charges, refunds, velocity
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.provider import EventSeen, ProviderEvent
from souk.domains.payments.store import payments as payment_store
from souk.domains.payments.store import refunds as refund_store
from souk.flows import pay_from_balance, replacement
from souk.gateways import payments as providers
from souk.gateways.providers import Intent
from souk.kernel import clock, settings
from souk.kernel.caller import system
from souk.kernel.errors import Refusal
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit


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


def poll(most: int) -> list[Outcome]:
    """Asks for every payment and refund that has no outcome yet, or may have another one by now: enough where neither
    webhook nor return page came.
    """
    paid = [_poll_payment(order_id) for order_id in payment_store.awaited(most)]
    sent = [_poll_refund(refunds.send, *one) for one in refund_store.refunds_awaited(most)]
    posted = refund_store.refunds_to_look_at(clock.now(), most)
    return paid + sent + [_poll_refund(refunds.look_at, *one) for one in posted]


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
    payment, at = payment_store.in_rows(rows), clock.now()
    order = None if payment.top_up else store.in_rows(rows)
    if intent.status == "requires_capture" and payment.attempt_of(attempts.answer_of(intent), settings.live_money()):
        intent = attempts.capture(payment, intent, order_awaits=_awaits(order))
    with Unit() as unit:
        outcome = apply(unit, order, payment, intent, source, at)
        if event:
            unit.add(keys.PROVIDER_EVENT, event.heard(outcome, order_id), otherwise=EventSeen())
    return outcome


def apply(unit: Unit, order: Order | None, payment: Payment, intent: Intent, source: str, at: datetime) -> Outcome:
    """What the intent means for the payment and its order, if it is of one."""
    may_revive = order is not None and order.may_revive
    outcome = charges.settle(unit, payment, intent, order_awaits=_awaits(order), may_revive=may_revive, at=at)
    if outcome is Outcome.DECLINED:  # before it is written down: where this breaks off, it is heard again
        velocity.watch(payment, intent.id)
    if outcome is Outcome.CAPTURED and order and order.exchange_of:
        replacement.note_paid(unit, order, by=source)
    elif outcome is Outcome.CAPTURED and order:
        moves.mark_paid(unit, order, method=payment.through(intent.id).method, at=at, by=source)
    return outcome


def _awaits(order: Order | None) -> bool:
    """A top-up has no order, and waits as long as its payment does."""
    return order is None or order.takes_payment
