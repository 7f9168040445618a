"""The provider's webhook: verified first, believed never; what it points at is asked for again."""

from collections.abc import Callable

from souk.domains.payments import actions as payments
from souk.domains.payments import store as payment_store
from souk.domains.payments.model import IGNORED_EVENTS, INTENT_EVENTS, REFUND_EVENTS, EventSeen, Outcome, ProviderEvent
from souk.flows import settle_payment
from souk.gateways import stripe as gateway
from souk.kernel import clock, settings
from souk.kernel.caller import system
from souk.kernel.errors import Missing
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit


def hear(body: bytes, signature: str | None) -> Outcome:
    """Returns once it is durable. What belongs to no order of ours is set aside, and changes none."""
    said = gateway.verify(body, signature, clock.now())
    event = ProviderEvent(event_id=said.id, type=said.type, received_at=clock.now())
    try:
        if said.livemode != settings.live_money() or said.account:
            return _keep(event, Outcome.QUARANTINED)
        if said.type in INTENT_EVENTS:
            return _or_aside(lambda: _hear_intent(said, event), event)
        if said.type in REFUND_EVENTS:
            return _or_aside(lambda: again(lambda: _hear_refund(said, event)), event)
        return _keep(event, Outcome.IGNORED if said.type in IGNORED_EVENTS else Outcome.UNKNOWN)
    except EventSeen:
        return Outcome.SEEN


def _hear_intent(said: gateway.Event, event: ProviderEvent) -> Outcome:
    intent = gateway.get_intent(str(said.object.get("id")))
    return settle_payment.settle(intent.order_id, intent, system("webhook").id, event)


def _hear_refund(said: gateway.Event, event: ProviderEvent) -> Outcome:
    answer = gateway.get_refund(str(said.object.get("id")))
    order_id = gateway.get_intent(str(said.object.get("payment_intent"))).order_id
    refund = payment_store.refund(order_id, answer.refund_id)
    with Unit() as unit:
        outcome = payments.settle_refund(unit, refund, payments.refund_answer_of(answer))
        unit.add(keys.PROVIDER_EVENT, event.heard(outcome, order_id), otherwise=EventSeen())
    return outcome


def _or_aside(hear_it: Callable[[], Outcome], event: ProviderEvent) -> Outcome:
    """What the provider or the table does not know is not ours."""
    try:
        return hear_it()
    except (Missing, gateway.PaymentRefused):
        return _keep(event, Outcome.QUARANTINED)


def _keep(event: ProviderEvent, outcome: Outcome) -> Outcome:
    with Unit() as unit:
        unit.add(keys.PROVIDER_EVENT, event.heard(outcome), otherwise=EventSeen())
    return outcome
