"""Timer: an order that has arrived completes itself; an open after-sales case puts it off by a day."""

from souk.domains.orders.model.refusals import OpenCaseBlocks
from souk.domains.orders.store import orders as store
from souk.edge.task import task
from souk.flows import order_lifecycle, order_timers
from souk.kernel import clock
from souk.kernel.caller import system


def complete_order(order_id: str) -> None:
    order = store.get(order_id)
    if order.status != "received":
        return
    try:
        order_lifecycle.complete(order, at=clock.now(), by=system("complete_order").id)
    except OpenCaseBlocks:
        order_timers.put_completion_off(order_id)


handler = task(complete_order)
