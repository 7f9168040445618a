"""What happened, written to those who should know: buyers, the store, head office."""

from datetime import datetime
from typing import Any

from souk.domains.aftersales.events import (
    GoodsReturned,
    RefundApproved,
    RefundCaseOverdue,
    RefundMoreAsked,
    RefundRejected,
)
from souk.domains.inventory.events import StockFellLow, StockFound
from souk.domains.messaging import actions
from souk.domains.messaging.model import amount, inbox_of_store, inboxes_of_alert, inboxes_of_staff
from souk.domains.orders.events import (
    AcceptanceOverdue,
    BuyerAsked,
    OrderCancelled,
    OrderCorrected,
    OrderHeld,
    OrderMerged,
    OrderPaid,
    OrderParked,
    OrderReady,
    OrderReassigned,
    OrderReceived,
    OrderReleased,
    OrderRemade,
    OrderShipped,
    OrderSplit,
    OrderUnassigned,
    PickupReminded,
    ReviewOverdue,
    ShipmentOverdue,
    ShortageFound,
    ShortageWaits,
    UnitsDropped,
    UnitsSubstituted,
)
from souk.domains.payments.events import RefundFailed, RefundPosted
from souk.domains.stores.store import at_hand
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.fact import Fact
from souk.table.unit import Unit

OfOrder = (
    OrderPaid
    | OrderSplit
    | OrderMerged
    | OrderShipped
    | OrderReady
    | OrderCorrected
    | BuyerAsked
    | PickupReminded
    | OrderReceived
    | OrderCancelled
    | ShortageFound
    | UnitsSubstituted
    | UnitsDropped
)
OfReview = RefundApproved | RefundRejected | RefundMoreAsked
CASE_TOPICS: dict[type[Fact], str] = {
    RefundApproved: "refund_approved",
    RefundRejected: "refund_rejected",
    RefundMoreAsked: "refund_more_asked",
}


def write(
    unit: Unit, topic: str, *, to: str, cause: str, about: str, store_id: str = HEAD_OFFICE, **values: object
) -> None:
    """Into the inbox, and out on the channels that the shop has set for the topic."""
    channels = at_hand().settings.outward_channels(topic)
    actions.write(unit, topic, to=to, cause=cause, about=about, store_id=store_id, channels=channels, **values)


def tell_paid(fact: OrderPaid, unit: Unit) -> None:
    _write_to_buyer(unit, "order_paid", fact)
    _tell_to_prepare(fact, unit, cause=fact.order_id)


def tell_split(fact: OrderSplit, unit: Unit) -> None:
    _write_to_buyer(unit, "order_split", fact, numbers=", ".join(fact.numbers))


def tell_merged(fact: OrderMerged, unit: Unit) -> None:
    _write_to_buyer(unit, "order_merged", fact, into=fact.into)


def tell_remade(fact: OrderRemade, unit: Unit) -> None:
    _tell_to_prepare(fact, unit, cause=fact.order_id)


def tell_reassigned(fact: OrderReassigned, unit: Unit) -> None:
    _tell_to_prepare(fact, unit, cause=f"{fact.order_id} {fact.step}")


def _tell_to_prepare(fact: OrderPaid | OrderReassigned | OrderRemade, unit: Unit, cause: str) -> None:
    """Each time that a store gets the order, be it for the second time; what is to be split nobody prepares.

    `units` were not told by older releases.
    """
    if fact.also_at:
        return
    left = fact.units if isinstance(fact, OrderReassigned) else {}
    write(
        unit,
        "order_to_prepare",
        to=inbox_of_store(fact.store_id),
        cause=cause,
        about=fact.order_id,
        store_id=fact.store_id,
        number=fact.number,
        units=sum(left.values()) or sum(line.units for line in fact.lines),
    )


def tell_held(fact: OrderHeld, unit: Unit) -> None:
    about, reasons = fact.order_id, ", ".join(fact.reasons)
    _write_to_staff(unit, "order_held", fact.store_id, cause=about, about=about, number=fact.number, reasons=reasons)


def tell_review_overdue(fact: ReviewOverdue, unit: Unit) -> None:
    about = fact.order_id
    _write_to_staff(unit, "review_overdue", fact.store_id, cause=about, about=about, number=fact.number)


def tell_released(fact: OrderReleased, unit: Unit) -> None:
    """The store has been told of the order when it was paid; of what is to be split each is told of its part."""
    if not fact.also_at:
        inbox, said = inbox_of_store(fact.store_id), {"number": fact.number, "store_id": fact.store_id}
        write(unit, "order_released", to=inbox, cause=fact.order_id, about=fact.order_id, **said)


def tell_parked(fact: OrderParked, unit: Unit) -> None:
    cause = f"{fact.order_id} {fact.run}"
    said = {"number": fact.number, "failure": fact.failure}
    write(unit, "order_parked", to=HEAD_OFFICE, cause=cause, about=fact.order_id, **said)


def tell_corrected(fact: OrderCorrected, unit: Unit) -> None:
    _write_to_buyer(
        unit,
        "order_corrected_cheaper" if fact.refunded_minor else "order_corrected",
        fact,
        cause=f"{fact.order_id} {fact.sequence}",
        amount=amount(fact.refunded_minor, fact.currency),
    )


def tell_asked(fact: BuyerAsked, unit: Unit) -> None:
    _write_to_buyer(unit, "buyer_asked", fact, cause=f"{fact.order_id} {fact.sequence}", question=fact.question)


def tell_unassigned(fact: OrderUnassigned, unit: Unit) -> None:
    """Each time that the last store has let it go."""
    cause = f"{fact.order_id} {fact.step}"
    write(unit, "order_unassigned", to=HEAD_OFFICE, cause=cause, about=fact.order_id, number=fact.number)


def tell_unanswered(fact: AcceptanceOverdue, unit: Unit) -> None:
    """Once for each time that a store has the order."""
    cause = f"{fact.order_id} {fact.step}"
    _write_to_staff(unit, "order_unanswered", fact.store_id, cause=cause, about=fact.order_id, number=fact.number)


def tell_shipped(fact: OrderShipped, unit: Unit) -> None:
    said = {"carrier": fact.carrier, "tracking_number": fact.tracking_number}
    _write_to_buyer(unit, "order_shipped", fact, cause=fact.shipment_id, **said)


def tell_ready(fact: OrderReady, unit: Unit) -> None:
    _tell_where_it_waits(fact, unit, "order_ready")


def tell_pickup_reminder(fact: PickupReminded, unit: Unit) -> None:
    _tell_where_it_waits(fact, unit, "pickup_reminder")


def _tell_where_it_waits(fact: OrderReady | PickupReminded, unit: Unit, topic: str) -> None:
    """The code is not in the message: that stays as it was written, and the code may be issued anew."""
    _write_to_buyer(unit, topic, fact, store_name=fact.store_name, until=_shown(fact.until))


def tell_received(fact: OrderReceived, unit: Unit) -> None:
    _write_to_buyer(unit, "order_received", fact)


def tell_cancelled(fact: OrderCancelled, unit: Unit) -> None:
    _write_to_buyer(unit, "paid_order_cancelled" if fact.paid else "order_cancelled", fact)


def tell_overdue(fact: ShipmentOverdue, unit: Unit) -> None:
    about = fact.order_id
    _write_to_staff(unit, "shipment_overdue", fact.store_id, cause=about, about=about, number=fact.number)


def tell_short(fact: ShortageFound, unit: Unit) -> None:
    """Each time that the buyer is asked. Where that was before, the store should have had the goods by now."""
    cause = f"{fact.shortage_id} {fact.moves}"
    said = {"units": fact.units, "sku": fact.sku}
    _write_to_buyer(
        unit, "shortage_found", fact, cause=cause, goods=fact.goods, answer_by=_shown(fact.answer_by), **said
    )
    if fact.moves:
        about = fact.order_id
        _write_to_staff(unit, "shortage_overdue", fact.store_id, cause=cause, about=about, number=fact.number, **said)


def tell_waits(fact: ShortageWaits, unit: Unit) -> None:
    write(
        unit,
        "shortage_waits",
        to=inbox_of_store(fact.store_id),
        cause=f"{fact.shortage_id} {fact.moves}",
        about=fact.order_id,
        store_id=fact.store_id,
        number=fact.number,
        sku=fact.sku,
        units=fact.units,
        until=_shown(fact.until),
    )


def tell_substituted(fact: UnitsSubstituted, unit: Unit) -> None:
    said = {"sku": fact.sku, "goods": fact.goods, "units": fact.units, "by_sku": fact.by_sku, "by_goods": fact.by_goods}
    _write_to_buyer(unit, "units_substituted", fact, cause=fact.shortage_id, **said)
    write(
        unit,
        "substitute_to_prepare",
        to=inbox_of_store(fact.store_id),
        cause=fact.shortage_id,
        about=fact.order_id,
        store_id=fact.store_id,
        number=fact.number,
        **said,
    )


def tell_dropped(fact: UnitsDropped, unit: Unit) -> None:
    cause, units = f"{fact.order_id} {fact.step}", sum(fact.units.values())
    _write_to_buyer(unit, "units_dropped", fact, cause=cause, units=units)


def tell_of_case(fact: OfReview, unit: Unit) -> None:
    _write_of_case(unit, CASE_TOPICS[type(fact)], fact.buyer_id, fact)


def tell_returned(fact: GoodsReturned, unit: Unit) -> None:
    _write_of_case(unit, "refund_approved", fact.buyer_id, fact)


def tell_case_overdue(fact: RefundCaseOverdue, unit: Unit) -> None:
    """Once for each wait, however often the workflow reminds of it."""
    for inbox in inboxes_of_staff(fact.store_id):
        _write_of_case(unit, "refund_overdue", inbox, fact)


def _write_of_case(unit: Unit, topic: str, to: str, fact: OfReview | GoodsReturned | RefundCaseOverdue) -> None:
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
        store_id=fact.sale.store_id if fact.sale else HEAD_OFFICE,
        amount=amount(fact.amount_minor, fact.currency),
    )


def tell_refund_failed(fact: RefundFailed, unit: Unit) -> None:
    """To the buyer only who had been told that it was on its way."""
    if fact.was_posted:
        said = {"cause": fact.refund_id, "about": fact.order_id, "store_id": fact.store_id}
        write(unit, "refund_returned", to=fact.buyer_id, **said)
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
    """Once for each fall to the threshold, to whom the rule of this stock names."""
    for inbox in inboxes_of_alert(fact.store_id, fact.alert_to):
        write(
            unit,
            "stock_low",
            to=inbox,
            cause=f"{fact.sku} {fact.store_id} {fact.fall}",
            about=fact.sku,
            store_id=fact.store_id,
            sku=fact.sku,
            available=fact.available,
            threshold=fact.threshold,
        )


def _write_to_buyer(unit: Unit, topic: str, fact: OfOrder, cause: str | None = None, **values: object) -> None:
    """About their order; once in its life where no other cause is named."""
    about, said = fact.order_id, {"number": fact.number, **values}
    write(unit, topic, to=fact.buyer_id, cause=cause or about, about=about, store_id=fact.store_id, **said)


def tell_found(fact: StockFound, unit: Unit) -> None:
    """Once for each sale, whatever it was of: somebody must count what is there."""
    units = ", ".join(f"{number} × {sku}" for sku, number in fact.units.items())
    _write_to_staff(unit, "stock_found", fact.store_id, cause=fact.reference, about=fact.reference, units=units)


def _write_to_staff(unit: Unit, topic: str, store_id: str, **said: Any) -> None:
    for inbox in inboxes_of_staff(store_id):
        write(unit, topic, to=inbox, store_id=store_id, **said)


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
