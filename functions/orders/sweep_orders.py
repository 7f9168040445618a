"""Every quarter of an hour: what a lost timer or workflow left undone is done all the same."""

from datetime import timedelta

from souk.edge.task import task
from souk.edge.watch import logger
from souk.flows import cancel_order, order_lifecycle, pickup
from souk.kernel import clock

LATE = timedelta(seconds=60)
FORGOTTEN = timedelta(minutes=15)
MOST = 200


def sweep_orders() -> int:
    """How many orders were overdue or forgotten; one that cannot be helped now is logged and comes again."""
    now = clock.now()
    overdue = cancel_order.close_overdue(now - LATE, MOST)
    forgotten = order_lifecycle.prepare_forgotten(now - FORGOTTEN, MOST)
    not_fetched = pickup.chase_forgotten(now - LATE, MOST)
    outcomes = [*overdue, *forgotten, *not_fetched]
    if not_helped := [outcome for outcome in outcomes if outcome]:
        logger.warning("not helped", extra={"codes": not_helped})
    return len(outcomes)


handler = task(sweep_orders)
