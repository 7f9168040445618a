"""A buyer's balance is topped up by a payment of its own, which ends as that of an order does."""

from souk.domains.orders.model.order import CLOCK
from souk.domains.payments.actions import attempts, charges, velocity
from souk.domains.payments.model.attempt import Wish
from souk.domains.payments.model.payment import NothingToPay, Payment
from souk.domains.payments.model.start import PaymentStart
from souk.domains.payments.model.views import PaymentView, TopUpStart
from souk.domains.payments.model.wallet import TopUp, TopUpKeyReused
from souk.domains.payments.store import payments as store
from souk.domains.stores.store.settings import at_hand
from souk.flows import paying, settle_payment
from souk.gateways.providers import PaymentRefused
from souk.kernel import clock, ids
from souk.kernel.caller import HEAD_OFFICE, Caller
from souk.kernel.errors import Unavailable
from souk.table import keys, limits
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def begin(wanted: TopUp, key: str, by: Caller) -> TopUpStart:
    """Begun once whatever is repeated; where nothing is told to pay it with, it is paid, or the buyer asks again."""
    payment = again(lambda: _begun(wanted, key, by))
    return TopUpStart(top_up=PaymentView.of(payment), payment=_start(payment, wanted, by))


def close(payment: Payment) -> None:
    """Not paid in time: after this the provider takes no money, or has taken it."""
    if payment.status != "awaiting":
        return
    if settle_payment.stopped(payment, CLOCK):
        with Unit() as unit:
            charges.void(unit, payment)


def _begun(wanted: TopUp, key: str, by: Caller) -> Payment:
    settings, top_up_id = at_hand().settings, ids.derived("top", by.id, key)
    found = store.find(top_up_id)
    limits.need(*velocity.limits_of(by.id, _wish(wanted, found.method if found else wanted.method, by), top_up_id))
    if found:
        if found.amount_minor != wanted.amount_minor:
            raise TopUpKeyReused()
        return found
    paying.need_at_once(wanted.method)
    settings.need_payment_method(wanted.method, wanted.amount_minor, settings.currency, wanted.device)
    payment = Payment(
        order_id=top_up_id,
        buyer_id=by.id,
        store_id=HEAD_OFFICE,
        currency=settings.currency,
        amount_minor=wanted.amount_minor,
        deadline=clock.now() + settings.payment_time(wanted.method),
        top_up=True,
    )
    with Unit() as unit:
        return unit.save(keys.PAYMENT, payment.wanted(wanted.method), otherwise=ChangedMeanwhile())


def _start(payment: Payment, wanted: TopUp, by: Caller) -> PaymentStart | None:
    try:
        return attempts.start(payment.order_id, payment, _wish(wanted, payment.method, by), resumed=True)
    except (Unavailable, PaymentRefused, NothingToPay):
        return None


def _wish(wanted: TopUp, method: str, by: Caller) -> Wish:
    """What was begun by a method goes on by it, whatever is told now."""
    return Wish(method=method, device=wanted.device, payer_id=wanted.payer_id or "", address=by.ip)
