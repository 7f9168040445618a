"""What buyers and staff send, and what they are shown."""

from datetime import datetime

from souk.domains.payments.model.money import Balances, MoneyEvent
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.kernel.shapes import Id, Input, Noun


class PaymentWish(Input):
    order_id: Id


class PaymentStart(Noun):
    """With these the buyer's browser confirms the payment at the provider."""

    intent_id: str
    client_secret: str
    publishable_key: str


class PaymentView(Noun):
    """A payment as its buyer sees it; `decline_code` says why the last card was refused."""

    order_id: str
    status: str
    amount_minor: int
    currency: str
    deadline: datetime
    decline_code: str | None = None

    @classmethod
    def of(cls, payment: Payment) -> "PaymentView":
        declined = payment.attempts[-1].decline_code if payment.attempts else None
        return cls(decline_code=declined, **payment.model_dump(include={*cls.model_fields} - {"decline_code"}))


class PaymentFile(Noun):
    """A payment as staff see it, with every movement of money."""

    payment: Payment
    refunds: list[Refund]
    events: list[MoneyEvent]
    balances: Balances
