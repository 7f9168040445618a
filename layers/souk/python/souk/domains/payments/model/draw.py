"""What is taken of a balance for an order, and what of it is to be proved."""

from typing import NamedTuple

from souk.kernel.errors import Forbidden


class PaymentProofNeeded(Forbidden):
    title = "To pay so much from the balance tell the payment password, or a code for this payment"


class Subject(NamedTuple):
    """What is proved: that this payment, of this sum, is wanted; without an order, that another password is."""

    order_id: str | None = None
    amount_minor: int = 0
    currency: str | None = None


class Draw(NamedTuple):
    """What is taken of a balance for an order; where nothing was proved, what may be taken so in a day."""

    subject: Subject = Subject()
    unproved_day_minor: int | None = None


NOTHING_DRAWN = Draw()


def needed(subject: Subject) -> PaymentProofNeeded:
    return PaymentProofNeeded(**subject._asdict())
