"""All that is known of the money of one order."""

from souk.domains.payments.model.dispute import Dispute
from souk.domains.payments.model.money import Balances, MoneyEvent
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.kernel.shapes import Noun


class PaymentFile(Noun):
    """A payment as staff see it, with every movement of money."""

    payment: Payment
    refunds: list[Refund]
    disputes: list[Dispute]
    events: list[MoneyEvent]
    balances: Balances
