"""Keeps the counters of the reports up with what happens to orders."""

from souk.domains.orders.events import (
    OrderCancelled,
    OrderCompleted,
    OrderPaid,
    OrderReassigned,
    OrderSold,
    OrderUnassigned,
)
from souk.domains.payments.events import RefundFailed, RefundPosted, SaleContext
from souk.domains.reports import actions
from souk.domains.reports.model import Purchase, Return, Sale
from souk.edge.task import on
from souk.table.unit import Unit


def count_paid(fact: OrderPaid | OrderSold, unit: Unit) -> None:
    actions.count_purchase(unit, Purchase.model_validate(fact.model_dump()))


def move_sale(fact: OrderReassigned | OrderUnassigned, unit: Unit) -> None:
    actions.move_purchase(unit, Purchase.model_validate(fact.model_dump()), fact.from_store_id)


def count_completed(fact: OrderCompleted, unit: Unit) -> None:
    actions.count_completed(unit, Sale.model_validate(fact.model_dump()))


def count_cancelled(fact: OrderCancelled, unit: Unit) -> None:
    if fact.paid:
        actions.count_cancelled(unit, Sale.model_validate(fact.model_dump()))


def count_refund(fact: RefundPosted, unit: Unit) -> None:
    """Money that came too late was never a sale, so its return is none either."""
    if fact.sale:
        actions.count_return(unit, _returned(fact.order_id, fact.sale), fact.amount_minor)


def count_refund_back(fact: RefundFailed, unit: Unit) -> None:
    if fact.sale and fact.was_posted:
        actions.count_return_back(unit, _returned(fact.order_id, fact.sale), fact.amount_minor)


def _returned(order_id: str, sale: SaleContext) -> Return:
    return Return.model_validate({**sale.model_dump(), "order_id": order_id})


handler = on(
    (OrderPaid, count_paid),
    (OrderSold, count_paid),
    (OrderReassigned, move_sale),
    (OrderUnassigned, move_sale),
    (OrderCompleted, count_completed),
    (OrderCancelled, count_cancelled),
    (RefundPosted, count_refund),
    (RefundFailed, count_refund_back),
)
