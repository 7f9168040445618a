"""What buyers' banks take back of a payment, or return."""

from collections.abc import Iterable
from typing import NamedTuple

from souk.domains.payments.model.money import EventKind
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.kernel.paying import BALANCE


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


def to_reclaim(payment: Payment, refunds: Iterable[Refund], available_minor: int) -> int:
    """How much more of what banks have taken back the buyer's balance was given, and has; below nothing, how much less
    it is by now.
    """
    topped_up = (payment.held_of(intent_id) for intent_id in payment.taken_back if payment.top_up)
    to_balance = (one for one in refunds if one.provider == BALANCE and one.intent_id in payment.taken_back)
    given = sum(topped_up) + sum(one.amount_minor for one in to_balance)
    overdrawn = max(0, -payment.refundable_minor - payment.pledged_minor)
    return min(min(overdrawn, given) - payment.reclaimed_minor, available_minor)
