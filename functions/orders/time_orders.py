"""Facts of orders set and drop their timers: the payment deadline, the receipt, the completion."""

from souk.domains.orders.events import OrderCancelled, OrderPaid, OrderPlaced, OrderReceived, OrderShipped
from souk.domains.stores.store import at_hand
from souk.edge.task import on
from souk.gateways import scheduler
from souk.kernel import clock
from souk.table.unit import Unit


def time_payment(fact: OrderPlaced, unit: Unit) -> None:
    scheduler.set_timer(f"unpaid-{fact.order_id}", fact.pay_until, "close_unpaid", {"order_id": fact.order_id})


def drop_payment_timer(fact: OrderPaid | OrderCancelled, unit: Unit) -> None:
    scheduler.drop_timer(f"unpaid-{fact.order_id}")


def time_receipt(fact: OrderShipped, unit: Unit) -> None:
    if fact.whole:
        until = clock.now() + at_hand()[0].receipt_time
        scheduler.set_timer(f"receive-{fact.order_id}", until, "receive_order", {"order_id": fact.order_id})


def time_completion(fact: OrderReceived, unit: Unit) -> None:
    scheduler.drop_timer(f"receive-{fact.order_id}")
    until = max(fact.complete_after, clock.now())
    scheduler.set_timer(f"complete-{fact.order_id}", until, "complete_order", {"order_id": fact.order_id})


handler = on(
    (OrderPlaced, time_payment),
    (OrderPaid, drop_payment_timer),
    (OrderCancelled, drop_payment_timer),
    (OrderShipped, time_receipt),
    (OrderReceived, time_completion),
)
