"""A payment begins to be awaited."""

from souk.domains.payments.model.payment import Payment
from souk.table import keys
from souk.table.unit import Unit


def await_payment(unit: Unit, payment: Payment) -> Payment:
    if payment.from_balance_minor:
        from souk.domains.payments.actions import wallets

        wallets.hold(unit, payment)
    return unit.save(keys.PAYMENT, payment)
