"""Every quarter of an hour: orders whose payment deadline passed without its timer are closed all the same."""

from datetime import timedelta

from souk.domains.payments import store as payments
from souk.edge.task import task
from souk.flows import cancel_order
from souk.kernel import clock

GRACE = timedelta(seconds=60)
MOST = 200


def sweep_orders() -> int:
    """How many were looked at."""
    overdue = payments.overdue(clock.now() - GRACE, MOST)
    for order_id in overdue:
        cancel_order.close_unpaid(order_id)
    return len(overdue)


handler = task(sweep_orders)
