"""Every quarter of an hour: counts the orders that timers, workflow and sweeper have all passed over.

Zero is counted too: that nothing is counted any more raises the alarm as well.
"""

from souk.edge.task import task
from souk.edge.watch import count, logger
from souk.flows.stuck_orders import stuck_orders
from souk.kernel import settings

MOST = 100


def find_stuck_orders() -> int:
    stuck = list(stuck_orders(settings.shipment_time(), MOST))
    count("OrdersStuck", len(stuck))
    for card in stuck:
        logger.warning("stuck", extra={"order_id": card.order_id, "status": card.status})
    return len(stuck)


handler = task(find_stuck_orders)
