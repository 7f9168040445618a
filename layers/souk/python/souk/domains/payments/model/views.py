"""What buyers and staff send, and what they are shown."""

from datetime import datetime

from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.start import PaymentStart
from souk.kernel.charging import Charge
from souk.kernel.paying import OnDevice, PaymentMethod
from souk.kernel.shapes import Id, Noun


class PaymentWish(OnDevice):
    """Without a method by the one that was chosen last."""

    order_id: Id
    method: PaymentMethod | None = None


class PaymentMethods(Noun):
    """What the order can be paid with, as the shop would have it chosen first."""

    methods: list[PaymentMethod]


class PaymentView(Noun):
    """A payment as its buyer sees it; `decline_code` says why the last card was refused.

    `amount_minor` is what is asked for beside what comes out of the balance, where it is charged in another currency as
    the `charge` says. A top-up has its own id for an order's.
    Of it so much was received by bank transfers as is not enough yet.
    """

    order_id: str
    status: str
    amount_minor: int
    currency: str
    from_balance_minor: int = 0
    deadline: datetime
    decline_code: str | None = None
    received_minor: int = 0
    charge: Charge | None = None

    @classmethod
    def of(cls, payment: Payment) -> "PaymentView":
        declined = payment.attempts[-1].decline_code if payment.attempts else None
        said = payment.model_dump(include={*cls.model_fields} - {"decline_code", "amount_minor"})
        return cls(decline_code=declined, amount_minor=payment.due_minor, **said)


class TopUpStart(Noun):
    """`payment` is null where the provider did not answer, or nothing is left to pay: ask for it at `/me/payments`."""

    top_up: PaymentView
    payment: PaymentStart | None


class Receipt(Noun):
    """What a provider is answered that has told something."""

    outcome: Outcome
