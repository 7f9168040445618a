"""Keeps the counters of the reports up with what happens to orders."""

from souk.domains.orders.events.moving import (
    OrderCancelled,
    OrderCompleted,
    OrderMerged,
    OrderPaid,
    OrderReassigned,
    OrderRemade,
    OrderSold,
    OrderSplit,
    OrderUnassigned,
)
from souk.domains.payments.events import GoodsExchanged, PaymentLetGo, RefundFailed, RefundPosted, SaleContext
from souk.domains.reports import actions
from souk.domains.reports.model import Purchase, Return, Sale
from souk.edge.task import on
from souk.table.unit import Unit


def count_paid(fact: OrderPaid | OrderSold | OrderRemade, unit: Unit) -> None:
    actions.count_purchase(unit, Purchase.model_validate(fact.model_dump()))


def take_back(fact: OrderSplit | OrderMerged, unit: Unit) -> None:
    """Its parts are counted, or what it was merged into: the same money and goods in another number of orders."""
    actions.take_purchase_back(unit, Purchase.model_validate(fact.model_dump()))


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


def count_exchange(fact: GoodsExchanged, unit: Unit) -> None:
    """What was paid for the goods that came back pays for others, which are counted as a sale."""
    actions.count_return(unit, _returned(fact.order_id, fact.sale), fact.amount_minor)


def count_let_go(fact: PaymentLetGo, unit: Unit) -> None:
    """It was counted as it was paid; nothing has to go back for it."""
    actions.count_return(unit, _returned(fact.order_id, fact.sale), fact.amount_minor)


def count_refund_back(fact: RefundFailed, unit: Unit) -> None:
    if fact.sale and fact.was_posted:
        actions.count_return_back(unit, _returned(fact.order_id, fact.sale), fact.amount_minor)


def _returned(order_id: str, sale: SaleContext) -> Return:
    return Return.model_validate({**sale.model_dump(), "order_id": order_id})


handler = on(
    (OrderPaid, count_paid),
    (OrderSold, count_paid),
    (OrderRemade, count_paid),
    (OrderSplit, take_back),
    (OrderMerged, take_back),
    (OrderReassigned, move_sale),
    (OrderUnassigned, move_sale),
    (OrderCompleted, count_completed),
    (OrderCancelled, count_cancelled),
    (RefundPosted, count_refund),
    (GoodsExchanged, count_exchange),
    (PaymentLetGo, count_let_go),
    (RefundFailed, count_refund_back),
)
