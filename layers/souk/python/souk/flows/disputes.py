"""Disputes: heard of, found where nobody told of them, and answered. The money may be other orders' by now."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from souk.domains.orders.store import orders
from souk.domains.payments.actions import attempts, disputes
from souk.domains.payments.model.dispute import ACCEPTED, Dispute, DisputeAnswer, Evidence, NoSuchDispute
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.provider import EventSeen, ProviderEvent
from souk.domains.payments.store import disputes as dispute_store
from souk.domains.payments.store import payments
from souk.flows import settle_payment
from souk.gateways import stripe as provider_api
from souk.gateways.metrics import count
from souk.gateways.providers import Dispute as ProviderDispute
from souk.gateways.providers import Intent, PaymentRefused
from souk.kernel import clock, settings
from souk.kernel.caller import Caller, system
from souk.kernel.errors import Refusal
from souk.table import keys
from souk.table.again import again
from souk.table.unit import Unit

# No outage and no wrong key is borne for a month.
LOOK_BACK = timedelta(days=30)


def hear(dispute_id: str, source: str, event: ProviderEvent | None = None) -> Outcome:
    """The provider is asked: what its events say may be old, and come in any order."""
    return _note(provider_api.get_dispute(dispute_id), source, event)


def find(most: int) -> Iterator[Outcome]:
    """Those that no webhook told of, and what has become of the others since they were looked at last."""
    source, now = system("follow_disputes").id, clock.now()
    due = dispute_store.disputes_to_look_at(now, most)
    ours = [said for said in provider_api.disputes_since(now - LOOK_BACK) if said.order_id]
    known = dispute_store.known_disputes((said.order_id, said.id) for said in ours)
    opened = {said.id: said for said in ours if said.id not in known}
    for dispute_id in [*islice(opened, most), *due]:
        try:
            yield _note(opened.get(dispute_id) or provider_api.get_dispute(dispute_id), source)
        except Refusal:  # it must not keep the others waiting, and is asked about again
            yield Outcome.UNANSWERED


def submit(order_id: str, dispute_id: str, evidence: Evidence, by: Caller) -> Dispute:
    """Sent again after an answer that was lost, it is the evidence that the bank has.

    What was said to an inquiry is to be sent anew once that has become more.
    """
    known = dispute_store.dispute_for(order_id, dispute_id, by)
    if known.is_to_answer or known.evidence != evidence.text:
        known.need_to_answer()
        try:
            said = provider_api.submit_evidence(dispute_id, evidence.text)
        except PaymentRefused:
            said = provider_api.get_dispute(dispute_id)
            if said.evidence != evidence.text:
                raise
        count(_note(said, by.id))
    return dispute_store.dispute_for(order_id, dispute_id, by)


def accept(order_id: str, dispute_id: str, by: Caller) -> Dispute:
    """Said again after an answer that was lost, it is accepted already."""
    known = dispute_store.dispute_for(order_id, dispute_id, by)
    if known.status not in ACCEPTED:
        known.need_to_answer()
        try:
            said = provider_api.accept_dispute(dispute_id)
        except PaymentRefused:
            said = provider_api.get_dispute(dispute_id)
            if said.status not in ACCEPTED:
                raise
        count(_note(said, by.id))
    return dispute_store.dispute_for(order_id, dispute_id, by)


def _note(said: ProviderDispute, source: str, event: ProviderEvent | None = None) -> Outcome:
    if not said.intent_id:  # of a charge that was made otherwise, which the shop never does
        raise NoSuchDispute()
    intent = provider_api.get_intent(said.intent_id)
    if dispute_store.find_dispute(intent.order_id, said.id) is None:
        # The bank may be heard of before the payment is.
        settle_payment.settle(intent.order_id, intent, source)
    return again(lambda: _settle(disputes.answer_of(said), intent, event))


def _settle(answer: DisputeAnswer, intent: Intent, event: ProviderEvent | None) -> Outcome:
    order_id = intent.order_id
    payment, known = payments.of_order(order_id), dispute_store.find_dispute(order_id, answer.dispute_id)
    if known is None:
        attempt = payment.attempt_of(attempts.answer_of(intent), settings.live_money())
        if attempt is None or answer.currency != payment.asked_by(attempt.provider).currency:
            raise NoSuchDispute()
        known = disputes.new(payment, intent.id, answer)
    with Unit() as unit:
        outcome = disputes.settle(unit, known, answer, _holders(known, payment))
        if event:
            unit.add(keys.PROVIDER_EVENT, event.heard(outcome, order_id), otherwise=EventSeen())
    return outcome


def _holders(dispute: Dispute, payment: Payment) -> list[Payment]:
    """Who has the money of the intent: its own order, or those that it was split or merged into."""
    if dispute.held_by:
        return [payments.of_order(order_id) for order_id in dispute.held_by]
    found, to_ask = dict[str, Payment](), [payment]
    while to_ask:
        one = to_ask.pop()
        if one.held_of(dispute.intent_id):
            found[one.order_id] = one
        elif one.status == "moved":
            to_ask += [payments.of_order(link.order_id) for link in orders.get(one.order_id).became]
    return list(found.values()) or [payment]
