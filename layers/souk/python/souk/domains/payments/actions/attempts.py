"""The buyer's attempts to pay: an intent at the provider is begun, given up, and read."""

from souk.domains.payments.model.attempt import Answer, Attempt, PaymentUndecided, Wish
from souk.domains.payments.model.payment import NothingToPay, NotTaken, Payment
from souk.domains.payments.model.start import PaymentStart
from souk.domains.payments.store import payments as store
from souk.gateways import payments as providers
from souk.gateways.providers import AskedOtherwise, Intent, Payer, PaymentProviderFailed, PaymentRefused
from souk.kernel import clock
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def start(
    order_id: str,
    payment: Payment | None,
    wish: Wish,
    *,
    resumed: bool = False,
    authorise_first: bool = False,
) -> PaymentStart:
    """What the buyer's device needs; asked again it is the same intent, and another only once that is canceled.

    Where it is `resumed`, it is as it was begun last, by whatever method and on whatever device; and where that is of
    no use any more, by that method, but otherwise as is wished.

    An intent is handed out only after its id is kept, so one whose id was lost can be paid by nobody: that a provider
    forgets its key after a day, and makes another in its place, charges nobody twice.
    """
    try:
        return _start(payment or store.of_order(order_id), wish, resumed, authorise_first)
    except ChangedMeanwhile:
        return again(lambda: _start(store.of_order(order_id), wish, resumed, authorise_first))


def stop(payment: Payment) -> Intent | None:
    """After this the provider takes and holds no money (None), or has taken it: then the intent, to be settled."""
    if payment.live is None:
        return None
    intent = providers.at(payment.provider).cancel_intent(payment.live)
    if intent.status == "canceled":
        return None
    if intent.status != "succeeded":
        raise PaymentUndecided()
    return intent


def capture(payment: Payment, intent: Intent, *, order_awaits: bool) -> Intent:
    """What was only authorised is taken where the order still awaits it; where it does not, it never is."""
    gateway = providers.at(payment.through(intent.id).provider)
    wanted = order_awaits and payment.status == "awaiting" and payment.live == intent.id
    return gateway.capture_intent(intent.id) if wanted else gateway.cancel_intent(intent.id)


def take(payment: Payment) -> Intent:
    """The intent once what it has authorised is taken, or where the provider holds it no more; NotTaken where it
    refuses.
    """
    try:
        intent = providers.at(payment.provider).capture_intent(payment.live or "")
    except PaymentRefused as refused:
        raise NotTaken(reason=refused.facts["reason"]) from None
    if intent.status not in ("succeeded", "canceled"):
        raise NotTaken(reason=intent.status)
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


def _start(payment: Payment, wish: Wish, resumed: bool, authorise_first: bool) -> PaymentStart:
    payment.need_awaiting()
    attempt, now = payment.live_attempt, clock.now()
    if resumed:
        wish = wish.but(method=payment.method)
    if attempt and attempt.intent_id:
        intent = providers.at(attempt.provider).get_intent(attempt.intent_id)
        if intent.status not in ("canceled", "succeeded"):
            if attempt.usable(now) if resumed else attempt.serves(wish, now):
                return _handed_over(attempt, intent)
            intent = stop(payment) or intent
        if intent.status == "succeeded":
            raise NothingToPay(state=intent.status)
        payment = payment.heard(answer_of(intent), "canceled")
    return _handed_over(*_begin(payment.wanted(wish.method), wish, authorise_first))


def _handed_over(attempt: Attempt, intent: Intent) -> PaymentStart:
    return PaymentStart(
        intent_id=intent.id,
        method=attempt.method,
        client_secret=intent.client_secret,
        publishable_key=providers.at(attempt.provider).publishable_key(),
        action=attempt.action,
    )


def _begin(payment: Payment, wish: Wish, authorise_first: bool) -> tuple[Attempt, Intent]:
    number, asked = payment.next_number(), payment.asked_by(payment.provider)
    try:
        intent = providers.at(payment.provider).create_intent(
            order_id=payment.order_id,
            attempt=number,
            amount_minor=asked.minor,
            currency=asked.currency,
            method=wish.method,
            payer=_payer(payment, wish),
            authorise_only=authorise_first,
        )
    except (PaymentProviderFailed, AskedOtherwise):
        with Unit() as unit:
            unit.save(keys.PAYMENT, payment.lost())
        raise
    attempt = Attempt(
        number=number,
        intent_id=intent.id,
        provider=payment.provider,
        method=wish.method,
        device=wish.device,
        payer=wish.payer,
        came_from=wish.came_from,
        action=dict(intent.action),
        usable_until=intent.usable_until,
    )
    with Unit() as unit:
        if payment.pays_otherwise(wish.method):
            from souk.domains.payments.actions import mandates

            payment = mandates.give_up(unit, payment)
        unit.save(keys.PAYMENT, payment.started(attempt))
    return attempt, intent


def _payer(payment: Payment, wish: Wish) -> Payer:
    """With the account of what was to be charged to a kept method: the browser may go on with that."""
    account = payment.kept.account_id if payment.kept else ""
    return Payer(device=wish.device, id=wish.payer_id, address=wish.address, account=account)
