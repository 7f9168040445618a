"""The webhooks of payment providers: verified first, believed never; what it points at is asked for again."""

from collections.abc import Mapping

from souk.domains.payments.actions import kept, refunds
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.provider import (
    ABOUT_INTENTS,
    DISPUTE_EVENTS,
    METHOD_EVENTS,
    EventSeen,
    ProviderEvent,
    outcome_unasked,
)
from souk.domains.payments.store import refunds as refund_store
from souk.flows import disputes, settle_payment
from souk.gateways import payments as providers
from souk.gateways.providers import Event, PaymentRefused, Provider
from souk.kernel import clock, settings
from souk.kernel.caller import system
from souk.kernel.errors import Missing
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit


def hear(provider: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Returns once it is durable. What belongs to no order of ours is set aside, and changes none."""
    gateway = providers.at(provider)
    said = gateway.hear(body, headers, clock.now())
    event = ProviderEvent(event_id=said.id, type=said.type, received_at=clock.now())
    ours = said.livemode == settings.live_money() and not said.account
    try:
        return _hear(gateway, said, event, outcome_unasked(said.type, ours))
    except EventSeen:
        return Outcome.SEEN


def _hear(gateway: Provider, said: Event, event: ProviderEvent, outcome: Outcome | None) -> Outcome:
    if outcome:
        return _keep(event, outcome)
    try:
        if said.type in ABOUT_INTENTS:
            return _hear_intent(gateway, said, event)
        if said.type in DISPUTE_EVENTS:
            return disputes.hear(str(said.object.get("id")), system("webhook").id, event)
        if said.type in METHOD_EVENTS:
            kept.hear(str(said.object.get("id")))
            return _keep(event, Outcome.NOTHING_NEW)
        return again(lambda: _hear_refund(gateway, said, event))
    except (Missing, PaymentRefused):  # what the provider or the table does not know is not ours
        return _keep(event, Outcome.QUARANTINED)


def _hear_intent(gateway: Provider, said: Event, event: ProviderEvent) -> Outcome:
    intent = gateway.get_intent(str(said.object.get("id")))
    return settle_payment.settle(intent.order_id, intent, system("webhook").id, event)


def _hear_refund(gateway: Provider, said: Event, event: ProviderEvent) -> Outcome:
    intent_id = str(said.object.get("payment_intent"))
    answer = gateway.get_refund(str(said.object.get("id")), intent_id)
    order_id = answer.order_id or gateway.get_intent(intent_id).order_id
    refund = refund_store.refund(order_id, answer.refund_id)
    with Unit() as unit:
        outcome = refunds.settle(unit, refund, refunds.answer_of(answer))
        unit.add(keys.PROVIDER_EVENT, event.heard(outcome, order_id), otherwise=EventSeen())
    return outcome


def _keep(event: ProviderEvent, outcome: Outcome) -> Outcome:
    with Unit() as unit:
        unit.add(keys.PROVIDER_EVENT, event.heard(outcome), otherwise=EventSeen())
    return outcome
