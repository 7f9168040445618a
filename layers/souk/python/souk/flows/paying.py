"""With what an order is paid: of what the shop has set, what suits its sum and the buyer's device."""

from souk.domains.payments import store
from souk.domains.payments.actions import attempts, velocity
from souk.domains.payments.model.payment import Wish
from souk.domains.payments.model.views import PaymentStart, PaymentWish
from souk.domains.stores.store import at_hand
from souk.flows import pay_from_balance
from souk.kernel.caller import Caller
from souk.kernel.paying import Device, PaymentMethod
from souk.table import limits


def methods(amount_minor: int, currency: str, device: Device) -> list[PaymentMethod]:
    return at_hand().settings.methods_for(amount_minor, currency, device)


def methods_of(order_id: str, device: Device, by: Caller) -> list[PaymentMethod]:
    payment = store.for_buyer(order_id, by)
    return methods(payment.due_minor, payment.currency, device)


def start(asked: PaymentWish, by: Caller) -> PaymentStart:
    """Another method than before must be one that is offered."""
    payment, settings = store.for_buyer(asked.order_id, by), at_hand().settings
    if payment.is_covered:
        pay_from_balance.settle(payment.order_id, by.id)
    payment.need_awaiting()
    limits.need(*velocity.limits_of(by.id, by.ip, payment.order_id))
    method = asked.method or payment.method
    settings.need_payment_method(
        method, payment.due_minor, payment.currency, asked.device, agreed=method == payment.method
    )
    wish = Wish(method=method, device=asked.device, payer_id=asked.payer_id or "", address=by.ip)
    return attempts.start(asked.order_id, payment, wish, authorise_first=settings.authorise_first)
