"""An order whose whole price is held on its buyer's balance is paid: by the checkout, or by whoever asks after that."""

from souk.domains.orders import store
from souk.domains.orders.actions import moves
from souk.domains.payments import store as payment_store
from souk.domains.payments.actions import charges
from souk.domains.payments.model.outcome import Outcome
from souk.kernel import clock
from souk.kernel.paying import BALANCE
from souk.table.again import again
from souk.table.unit import Unit


def settle(order_id: str, source: str) -> Outcome:
    """Idempotent: what was taken already is nothing new."""
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
