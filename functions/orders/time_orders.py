"""Facts of orders set and drop their timers: payment, review, the store's answer, shortages, receipt, completion."""

from souk.domains.orders.events.moving import (
    OrderCancelled,
    OrderHeld,
    OrderPaid,
    OrderReady,
    OrderReassigned,
    OrderReceived,
    OrderReleased,
    OrderRemade,
    OrderShipped,
    OrderSold,
    ShortageFound,
    ShortageWaits,
    UnitsDropped,
)
from souk.domains.orders.events.placing import OrderPlaced
from souk.edge.task import on
from souk.flows import order_timers


def time_payment(fact: OrderPlaced) -> None:
    order_timers.await_payment(fact.order_id, fact.pay_until)


def drop_payment_timer(fact: OrderCancelled) -> None:
    order_timers.no_payment_awaited(fact.order_id)


def time_review(fact: OrderHeld) -> None:
    order_timers.await_review(fact.order_id)


def time_acceptance(fact: OrderPaid | OrderReleased | OrderReassigned) -> None:
    order_timers.no_payment_awaited(fact.order_id)
    order_timers.await_acceptance(fact.order_id)


def time_remade(fact: OrderRemade) -> None:
    order_timers.await_acceptance(fact.order_id)


def time_shortage(fact: ShortageFound | ShortageWaits) -> None:
    order_timers.await_answer(fact.order_id, fact.shortage_id)


def time_receipt(fact: OrderShipped | UnitsDropped) -> None:
    if fact.whole:
        order_timers.await_receipt(fact.order_id)


def time_pickup(fact: OrderReady) -> None:
    order_timers.await_pickup(fact.order_id, fact.remind_at, fact.until)


def time_completion(fact: OrderReceived | OrderSold) -> None:
    order_timers.await_completion(fact.order_id, fact.complete_after)


handler = on(
    (OrderPlaced, time_payment),
    (OrderPaid, time_acceptance),
    (OrderHeld, time_review),
    (OrderReleased, time_acceptance),
    (OrderReassigned, time_acceptance),
    (OrderRemade, time_remade),
    (OrderCancelled, drop_payment_timer),
    (OrderShipped, time_receipt),
    (UnitsDropped, time_receipt),
    (ShortageFound, time_shortage),
    (ShortageWaits, time_shortage),
    (OrderReady, time_pickup),
    (OrderReceived, time_completion),
    (OrderSold, time_completion),
)
