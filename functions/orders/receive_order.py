"""Timer and workflow: an order that nobody complained about counts as received."""

from souk.domains.orders.store import orders as store
from souk.edge.task import task
from souk.flows import order_lifecycle
from souk.kernel import clock
from souk.kernel.caller import system


def receive_order(order_id: str) -> None:
    order = store.get(order_id)
    if order.status == "shipped":
        order_lifecycle.receive(order, at=clock.now(), by=system("receive_order").id)


handler = task(receive_order)
