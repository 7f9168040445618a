"""The buyer's attempts to pay: an intent at the provider is begun, given up, and read."""

from souk.domains.payments import store
from souk.domains.payments.model.payment import Answer, NothingToPay, Payment, PaymentUndecided
from souk.domains.payments.model.views import PaymentStart
from souk.gateways import payments as providers
from souk.gateways.providers import Intent, PaymentProviderFailed
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def start(order_id: str, payment: Payment | None = None) -> PaymentStart:
    """What the buyer's browser needs; asked again it is the same intent, and another only once that is canceled.

    An intent is handed out only after its id is kept, so one whose id was lost can be paid by nobody: that the
    provider forgets its key after a day, and makes another in its place, charges nobody twice.
    """
    try:
        return _start(payment or store.of_order(order_id))
    except ChangedMeanwhile:
        return again(lambda: _start(store.of_order(order_id)))


def stop(payment: Payment) -> Intent | None:
    """After this the provider takes no money (None), or has taken it: then the intent, to be settled."""
    if payment.live is None:
        return None
    intent = providers.at(payment.provider).cancel_intent(payment.live)
    if intent.status == "canceled":
        return None
    if intent.status != "succeeded":
        raise PaymentUndecided()
    return intent


def answer_of(intent: Intent) -> Answer:
    return Answer(
        intent_id=intent.id,
        order_id=intent.order_id,
        live=intent.livemode,
        status=intent.status,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
        received_minor=intent.received_minor,
        charge_id=intent.charge_id,
        decline_code=intent.decline_code,
    )


def _start(payment: Payment) -> PaymentStart:
    payment.need_awaiting()
    gateway = providers.at(payment.provider)
    intent = gateway.get_intent(payment.live) if payment.live else None
    if intent and intent.status == "canceled":
        payment, intent = payment.heard(answer_of(intent), "canceled"), None
    if intent is None:
        intent = _new_intent(payment)
    if intent.status == "succeeded":
        raise NothingToPay(state=intent.status)
    return PaymentStart(
        intent_id=intent.id, client_secret=intent.client_secret, publishable_key=gateway.publishable_key()
    )


def _new_intent(payment: Payment) -> Intent:
    try:
        intent = providers.at(payment.provider).create_intent(
            order_id=payment.order_id,
            attempt=payment.next_number(),
            amount_minor=payment.amount_minor,
            currency=payment.currency,
        )
    except PaymentProviderFailed:
        with Unit() as unit:
            unit.save(keys.PAYMENT, payment.lost())
        raise
    with Unit() as unit:
        unit.save(keys.PAYMENT, payment.started(intent.id))
    return intent
