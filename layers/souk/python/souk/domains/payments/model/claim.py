"""What buyers' banks take back of a payment, or return."""

from typing import NamedTuple

from souk.domains.payments.model.money import EventKind
from souk.domains.payments.model.payment import Payment


class Claim(NamedTuple):
    """What a bank has done to a payment: what moved, and what is owed to the buyer for it."""

    payment: Payment
    moves: dict[EventKind, int]
    owed_minor: int


def claimed(payment: Payment, before_minor: int, after_minor: int, lost_minor: int) -> Claim:
    """The bank has so much of it, or less again; of what is undecided so much is lost now.

    What it returns pays back first what is undecided or lost. The rest has paid for goods that were credited, so it
    is owed to the buyer again.
    """
    more, back = max(0, after_minor - before_minor), max(0, before_minor - after_minor)
    returned = min(back, payment.disputed_minor)
    regained = min(back - returned, payment.lost_minor)
    owed = back - returned - regained
    lost = min(lost_minor, payment.disputed_minor + more)
    moves: dict[EventKind, int] = {
        "dispute_withdrawn": more,
        "dispute_reinstated": back,
        "dispute_regained": regained,
        "dispute_unused": owed,
        "dispute_lost": lost,
    }
    after = payment.but(
        refundable_minor=payment.refundable_minor - more + back - owed,
        disputed_minor=payment.disputed_minor + more - returned - lost,
        lost_minor=payment.lost_minor - regained + lost,
    )
    return Claim(after, {kind: minor for kind, minor in moves.items() if minor}, owed)
