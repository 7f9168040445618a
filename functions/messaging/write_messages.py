"""Writes to buyers and staff what they should know of orders, refunds and stock."""

from souk.domains.inventory.events import StockFellLow
from souk.domains.messaging.actions import write
from souk.domains.messaging.model import HEAD_OFFICE, amount, inbox_of_store
from souk.domains.orders.events import OrderCancelled, OrderPaid, OrderReceived, OrderShipped, ShipmentOverdue
from souk.domains.payments.events import RefundFailed, RefundPosted
from souk.edge.task import on
from souk.table.unit import Unit


def tell_paid(fact: OrderPaid, unit: Unit) -> None:
    write(unit, "order_paid", to=fact.buyer_id, cause=fact.order_id, about=fact.order_id, number=fact.number)
    write(unit, "order_to_prepare", to=inbox_of_store(fact.store_id), cause=fact.order_id, about=fact.order_id,
          number=fact.number, units=sum(line.units for line in fact.lines))  # fmt: skip


def tell_shipped(fact: OrderShipped, unit: Unit) -> None:
    write(unit, "order_shipped", to=fact.buyer_id, cause=fact.shipment_id, about=fact.order_id, number=fact.number,
          carrier=fact.carrier, tracking_number=fact.tracking_number)  # fmt: skip


def tell_received(fact: OrderReceived, unit: Unit) -> None:
    write(unit, "order_received", to=fact.buyer_id, cause=fact.order_id, about=fact.order_id, number=fact.number)


def tell_cancelled(fact: OrderCancelled, unit: Unit) -> None:
    topic = "paid_order_cancelled" if fact.paid else "order_cancelled"
    write(unit, topic, to=fact.buyer_id, cause=fact.order_id, about=fact.order_id, number=fact.number)


def tell_overdue(fact: ShipmentOverdue, unit: Unit) -> None:
    for inbox in (inbox_of_store(fact.store_id), HEAD_OFFICE):
        write(unit, "shipment_overdue", to=inbox, cause=fact.order_id, about=fact.order_id, number=fact.number,
              store_id=fact.store_id)  # fmt: skip


def tell_refunded(fact: RefundPosted, unit: Unit) -> None:
    write(unit, "refund_posted", to=fact.buyer_id, cause=fact.refund_id, about=fact.order_id,
          amount=amount(fact.amount_minor, fact.currency))  # fmt: skip


def tell_refund_failed(fact: RefundFailed, unit: Unit) -> None:
    """To the buyer only who had been told that it was on its way."""
    if fact.was_posted:
        write(unit, "refund_returned", to=fact.buyer_id, cause=fact.refund_id, about=fact.order_id)
    for inbox in (inbox_of_store(fact.store_id), HEAD_OFFICE):
        write(unit, "refund_failed", to=inbox, cause=fact.refund_id, about=fact.order_id, order_id=fact.order_id,
              amount=amount(fact.amount_minor, fact.currency), reason=fact.reason)  # fmt: skip


def tell_low(fact: StockFellLow, unit: Unit) -> None:
    """Once for each fall to the threshold."""
    cause = f"{fact.sku} {fact.store_id} {fact.fall}"
    for inbox in (inbox_of_store(fact.store_id), HEAD_OFFICE):
        write(unit, "stock_low", to=inbox, cause=cause, about=fact.sku, sku=fact.sku, store_id=fact.store_id,
              available=fact.available, threshold=fact.threshold)  # fmt: skip


handler = on(
    (OrderPaid, tell_paid),
    (OrderShipped, tell_shipped),
    (OrderReceived, tell_received),
    (OrderCancelled, tell_cancelled),
    (ShipmentOverdue, tell_overdue),
    (RefundPosted, tell_refunded),
    (RefundFailed, tell_refund_failed),
    (StockFellLow, tell_low),
)
