"""What an order takes of its buyer's balance, and how it is paid where that is all."""

from souk.domains.orders.actions import moves
from souk.domains.orders.model.order import Order
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import charges, proofs
from souk.domains.payments.model.draw import Draw, Subject, needed
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.store import payments as payment_store
from souk.domains.stores.store.settings import at_hand
from souk.kernel import clock
from souk.kernel.paying import BALANCE, PaymentProof
from souk.table.again import again
from souk.table.unit import Unit


def draw(order: Order, amount_minor: int, proof: PaymentProof | None) -> Draw:
    """For an order that is to be placed, once its buyer has proved what the shop does not take on trust."""
    subject, settings = Subject(order.order_id, amount_minor, order.currency), at_hand().settings
    if amount_minor and proof:
        proofs.need(order.buyer_id, proof, subject)
        return Draw(subject)
    if not settings.passes_unproved(amount_minor):
        raise needed(subject)
    return Draw(subject, settings.unproved_day_minor)


def settle(order_id: str, source: str) -> Outcome:
    """Whoever asks; idempotent: what was taken already is nothing new."""
    return again(lambda: _settle(order_id, source))


def _settle(order_id: str, source: str) -> Outcome:
    rows, at = store.whole(order_id), clock.now()
    order, payment = store.in_rows(rows), payment_store.in_rows(rows)
    if not (payment.is_covered and order.awaits_payment):
        return Outcome.NOTHING_NEW
    with Unit() as unit:
        charges.cover(unit, payment, at=at)
        moves.mark_paid(unit, order, method=BALANCE, at=at, by=source)
    return Outcome.CAPTURED
