"""With what an order is paid: of what the shop has set, what suits its sum and the buyer's device."""

from typing import TYPE_CHECKING

from souk.domains.orders.model.order import Order
from souk.domains.orders.store import orders
from souk.domains.payments.actions import attempts, velocity
from souk.domains.payments.model.attempt import Wish
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.references import creditor_reference
from souk.domains.payments.model.start import PaymentStart
from souk.domains.payments.store import payments as store
from souk.domains.stores.model.settings import PaymentMethodOff
from souk.domains.stores.store.settings import at_hand
from souk.kernel import money
from souk.kernel.caller import Caller
from souk.kernel.paying import BANK, METHODS, Device, PaymentMethod
from souk.table import limits

if TYPE_CHECKING:
    from souk.domains.payments.model.views import PaymentWish


def methods(amount_minor: int, currency: str, device: Device) -> list[PaymentMethod]:
    return at_hand().settings.methods_for(amount_minor, currency, device)


def methods_of(order_id: str, device: Device, by: Caller) -> list[PaymentMethod]:
    payment = store.for_buyer(order_id, by)
    offered = methods(payment.due_minor, payment.charged_in, device)
    return [one for one in offered if one == payment.method or METHODS[one].provider != BANK]


def with_account(started: PaymentStart, payment: Payment, order: Order | None = None) -> PaymentStart:
    """What is to be transferred where, if it is: the provider, which is the bank account, does not know the shop."""
    account = at_hand().settings.bank_account
    if METHODS[started.method].provider != BANK or account is None:
        return started
    missing = money.major(payment.due_minor - payment.received_minor, payment.currency)
    said = {name: value for name, value in account.model_dump().items() if value}
    reference = creditor_reference((order or orders.get(payment.order_id)).number)
    return started.but(action={**said, "amount": missing, "currency": payment.currency, "reference": reference})


def need_at_once(method: str) -> None:
    """A transfer takes days, which only an order waits that was placed for it, and by whose number it is known."""
    if METHODS[method].provider == BANK:
        raise PaymentMethodOff(method=method)


def start(asked: "PaymentWish", by: Caller) -> PaymentStart:
    """Another method than before must be one that is offered."""
    payment, settings = store.for_buyer(asked.order_id, by), at_hand().settings
    if payment.is_covered:
        from souk.flows import pay_from_balance

        pay_from_balance.settle(payment.order_id, by.id)
    payment.need_awaiting()
    method = asked.method or payment.method
    wish = Wish(method=method, device=asked.device, payer_id=asked.payer_id or "", address=by.ip)
    limits.need(*velocity.limits_of(by.id, wish, payment.order_id))
    if method != payment.method:
        need_at_once(method)
    settings.need_payment_method(
        method, payment.due_minor, payment.charged_in, asked.device, agreed=method == payment.method
    )
    started = attempts.start(asked.order_id, payment, wish, authorise_first=settings.authorises_first)
    return with_account(started, payment)
