"""What happened, written to those who should know: buyers, the store, head office."""

from typing import Any

from souk.domains.aftersales.events import RefundApproved, RefundCaseOverdue, RefundMoreAsked, RefundRejected
from souk.domains.inventory.events import StockFellLow
from souk.domains.messaging.actions import write
from souk.domains.messaging.model import amount, inbox_of_store, inboxes_of_staff
from souk.domains.orders.events import (
    AcceptanceOverdue,
    OrderCancelled,
    OrderPaid,
    OrderReassigned,
    OrderReceived,
    OrderShipped,
    OrderUnassigned,
    ShipmentOverdue,
)
from souk.domains.payments.events import RefundFailed, RefundPosted
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.fact import Fact
from souk.table.unit import Unit

OfReview = RefundApproved | RefundRejected | RefundMoreAsked
CASE_TOPICS: dict[type[Fact], str] = {
    RefundApproved: "refund_approved",
    RefundRejected: "refund_rejected",
    RefundMoreAsked: "refund_more_asked",
}


def tell_paid(fact: OrderPaid, unit: Unit) -> None:
    write(unit, "order_paid", to=fact.buyer_id, cause=fact.order_id, about=fact.order_id, number=fact.number)
    _tell_to_prepare(fact, unit, cause=fact.order_id)


def tell_reassigned(fact: OrderReassigned, unit: Unit) -> None:
    _tell_to_prepare(fact, unit, cause=f"{fact.order_id} {fact.step}")


def _tell_to_prepare(fact: OrderPaid | OrderReassigned, unit: Unit, cause: str) -> None:
    """Each time that a store gets the order, be it for the second time."""
    write(
        unit,
        "order_to_prepare",
        to=inbox_of_store(fact.store_id),
        cause=cause,
        about=fact.order_id,
        number=fact.number,
        units=sum(line.units for line in fact.lines),
    )


def tell_unassigned(fact: OrderUnassigned, unit: Unit) -> None:
    """Each time that the last store has let it go."""
    cause = f"{fact.order_id} {fact.step}"
    write(unit, "order_unassigned", to=HEAD_OFFICE, cause=cause, about=fact.order_id, number=fact.number)


def tell_unanswered(fact: AcceptanceOverdue, unit: Unit) -> None:
    """Once for each time that a store has the order."""
    cause = f"{fact.order_id} {fact.step}"
    _write_to_staff(unit, "order_unanswered", fact.store_id, cause=cause, about=fact.order_id, number=fact.number)


def tell_shipped(fact: OrderShipped, unit: Unit) -> None:
    write(
        unit,
        "order_shipped",
        to=fact.buyer_id,
        cause=fact.shipment_id,
        about=fact.order_id,
        number=fact.number,
        carrier=fact.carrier,
        tracking_number=fact.tracking_number,
    )


def tell_received(fact: OrderReceived, unit: Unit) -> None:
    write(unit, "order_received", to=fact.buyer_id, cause=fact.order_id, about=fact.order_id, number=fact.number)


def tell_cancelled(fact: OrderCancelled, unit: Unit) -> None:
    topic = "paid_order_cancelled" if fact.paid else "order_cancelled"
    write(unit, topic, to=fact.buyer_id, cause=fact.order_id, about=fact.order_id, number=fact.number)


def tell_overdue(fact: ShipmentOverdue, unit: Unit) -> None:
    about = fact.order_id
    _write_to_staff(unit, "shipment_overdue", fact.store_id, cause=about, about=about, number=fact.number)


def tell_of_case(fact: OfReview, unit: Unit) -> None:
    _write_of_case(unit, CASE_TOPICS[type(fact)], fact.buyer_id, fact)


def tell_case_overdue(fact: RefundCaseOverdue, unit: Unit) -> None:
    """Once for each wait, however often the workflow reminds of it."""
    for inbox in inboxes_of_staff(fact.store_id):
        _write_of_case(unit, "refund_overdue", inbox, fact)


def _write_of_case(unit: Unit, topic: str, to: str, fact: OfReview | RefundCaseOverdue) -> None:
    write(
        unit,
        topic,
        to=to,
        cause=f"{fact.case_id} {fact.step}",
        about=fact.case_id,
        amount=amount(fact.amount_minor, fact.currency),
        **fact.model_dump(),
    )


def tell_refunded(fact: RefundPosted, unit: Unit) -> None:
    write(
        unit,
        "refund_posted",
        to=fact.buyer_id,
        cause=fact.refund_id,
        about=fact.order_id,
        amount=amount(fact.amount_minor, fact.currency),
    )


def tell_refund_failed(fact: RefundFailed, unit: Unit) -> None:
    """To the buyer only who had been told that it was on its way."""
    if fact.was_posted:
        write(unit, "refund_returned", to=fact.buyer_id, cause=fact.refund_id, about=fact.order_id)
    _write_to_staff(
        unit,
        "refund_failed",
        fact.store_id,
        cause=fact.refund_id,
        about=fact.order_id,
        order_id=fact.order_id,
        amount=amount(fact.amount_minor, fact.currency),
        reason=fact.reason,
    )


def tell_low(fact: StockFellLow, unit: Unit) -> None:
    """Once for each fall to the threshold."""
    _write_to_staff(
        unit,
        "stock_low",
        fact.store_id,
        cause=f"{fact.sku} {fact.store_id} {fact.fall}",
        about=fact.sku,
        sku=fact.sku,
        available=fact.available,
        threshold=fact.threshold,
    )


def _write_to_staff(unit: Unit, topic: str, store_id: str, **said: Any) -> None:
    for inbox in inboxes_of_staff(store_id):
        write(unit, topic, to=inbox, store_id=store_id, **said)
