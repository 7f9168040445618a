"""What happened, written to those who should know: buyers, the store, head office."""

from datetime import datetime
from typing import Any, Protocol

from souk.domains.aftersales.events import (
    GoodsReturned,
    RefundApproved,
    RefundCaseOverdue,
    RefundMoreAsked,
    RefundRejected,
    RefundRequested,
    ReturnMoved,
)
from souk.domains.inventory.events import StockFellLow, StockFound
from souk.domains.merchants.events import MerchantApplied, MerchantDecided
from souk.domains.merchants.store import merchants
from souk.domains.messaging import actions
from souk.domains.messaging.model import amount, inbox_of_store, inboxes_of_alert, inboxes_of_staff
from souk.domains.messaging.templates import paid_for
from souk.domains.messaging.topics import MERCHANT_TOPICS, RETURN_TOPICS
from souk.domains.orders.events.moving import (
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
    OrderRevived,
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
from souk.domains.orders.store import lists as orders
from souk.domains.payments.events import (
    DisputeClosed,
    DisputeOpened,
    PaidTooLate,
    RefundFailed,
    RefundPosted,
    TransferFellShort,
)
from souk.domains.settlement.events import SettlementClosed, SettlementPaid
from souk.domains.stores.store.settings import at_hand
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.fact import Fact
from souk.kernel.shapes import Texts
from souk.table.unit import Unit

OfReview = RefundRejected | RefundMoreAsked
OfDesk = RefundRequested | RefundApproved | GoodsReturned | RefundCaseOverdue | ReturnMoved
CASE_TOPICS: dict[type[Fact], str] = {
    RefundRejected: "refund_rejected",
    RefundMoreAsked: "refund_more_asked",
}


class OfOrder(Protocol):
    """What every fact of an order says."""

    @property
    def order_id(self) -> str: ...
    @property
    def buyer_id(self) -> str: ...
    @property
    def store_id(self) -> str: ...


def tell_paid(fact: OrderPaid, unit: Unit) -> None:
    _write_to_buyer(unit, "order_paid", fact)
    _tell_to_prepare(fact, unit)


def tell_paid_late(fact: PaidTooLate, unit: Unit) -> None:
    said = {"amount": _as_charged(fact), "paid_for": _paid_for(fact.order_id)}
    _write_to_buyer(unit, "paid_too_late", fact, cause=fact.intent_id, **said)


def tell_fell_short(fact: TransferFellShort, unit: Unit) -> None:
    """Each time that some of it has come, and not all."""
    cause, missing = f"{fact.order_id} {fact.received_minor}", amount(fact.missing_minor, fact.currency)
    of = _paid_for(fact.order_id)
    _write_to_buyer(unit, "transfer_fell_short", fact, cause=cause, missing=missing, paid_for=of)


def tell_revived(fact: OrderRevived, unit: Unit) -> None:
    _write_to_buyer(unit, "order_revived", fact)


def tell_split(fact: OrderSplit, unit: Unit) -> None:
    _write_to_buyer(unit, "order_split", fact, numbers=", ".join(fact.numbers))


def tell_merged(fact: OrderMerged, unit: Unit) -> None:
    _write_to_buyer(unit, "order_merged", fact)


def tell_remade(fact: OrderRemade, unit: Unit) -> None:
    _tell_to_prepare(fact, unit)


def tell_reassigned(fact: OrderReassigned, unit: Unit) -> None:
    """`units` were not told by older releases."""
    _tell_to_prepare(fact, unit, cause=f"{fact.order_id} {fact.step}", units=sum(fact.units.values()))


def _tell_to_prepare(fact: OrderPaid | OrderReassigned | OrderRemade, unit: Unit, units: int = 0, **said: str) -> None:
    """Each time that a store gets the order, be it for the second time; what is to be split nobody prepares."""
    if not fact.also_at:
        all_units = sum(line.units for line in fact.lines)
        _write_to_store(unit, "order_to_prepare", fact, units=units or all_units, **said)


def tell_held(fact: OrderHeld, unit: Unit) -> None:
    _write_to_staff(unit, "order_held", fact, reasons=", ".join(fact.reasons))


def tell_review_overdue(fact: ReviewOverdue, unit: Unit) -> None:
    _write_to_staff(unit, "review_overdue", fact)


def tell_released(fact: OrderReleased, unit: Unit) -> None:
    """The store has been told of the order when it was paid; of what is to be split each is told of its part."""
    if not fact.also_at:
        _write_to_store(unit, "order_released", fact)


def tell_parked(fact: OrderParked, unit: Unit) -> None:
    _write_of_order(unit, "order_parked", fact, HEAD_OFFICE, cause=f"{fact.order_id} {fact.run}", store_id=HEAD_OFFICE)


def tell_corrected(fact: OrderCorrected, unit: Unit) -> None:
    topic = "order_corrected_cheaper" if fact.refunded_minor else "order_corrected"
    back = amount(fact.refunded_minor, fact.currency)
    _write_to_buyer(unit, topic, fact, cause=f"{fact.order_id} {fact.sequence}", amount=back)


def tell_asked(fact: BuyerAsked, unit: Unit) -> None:
    _write_to_buyer(unit, "buyer_asked", fact, cause=f"{fact.order_id} {fact.sequence}")


def tell_unassigned(fact: OrderUnassigned, unit: Unit) -> None:
    """Each time that the last store has let it go."""
    _write_of_order(unit, "order_unassigned", fact, HEAD_OFFICE, cause=f"{fact.order_id} {fact.step}")


def tell_unanswered(fact: AcceptanceOverdue, unit: Unit) -> None:
    """Once for each time that a store has the order."""
    _write_to_staff(unit, "order_unanswered", fact, cause=f"{fact.order_id} {fact.step}")


def tell_shipped(fact: OrderShipped, unit: Unit) -> None:
    _write_to_buyer(unit, "order_shipped", fact, cause=fact.shipment_id)


def tell_ready(fact: OrderReady, unit: Unit) -> None:
    """The code is not in the message: that stays as it was written, and the code may be issued anew."""
    _write_to_buyer(unit, "order_ready", fact, until=_shown(fact.until))


def tell_pickup_reminder(fact: PickupReminded, unit: Unit) -> None:
    _write_to_buyer(unit, "pickup_reminder", fact, until=_shown(fact.until))


def tell_received(fact: OrderReceived, unit: Unit) -> None:
    _write_to_buyer(unit, "order_received", fact)


def tell_cancelled(fact: OrderCancelled, unit: Unit) -> None:
    """Of an exchange that comes to nothing its case tells."""
    if not fact.exchange_of:
        _write_to_buyer(unit, "paid_order_cancelled" if fact.paid and fact.taken else "order_cancelled", fact)
    if fact.lapsed:
        _write_to_staff(unit, "payment_lapsed", fact)


def tell_overdue(fact: ShipmentOverdue, unit: Unit) -> None:
    _write_to_staff(unit, "shipment_overdue", fact)


def tell_short(fact: ShortageFound, unit: Unit) -> None:
    """Each time that the buyer is asked. Where that was before, the store should have had the goods by now."""
    cause = f"{fact.shortage_id} {fact.moves}"
    _write_to_buyer(unit, "shortage_found", fact, cause=cause, answer_by=_shown(fact.answer_by))
    if fact.moves:
        _write_to_staff(unit, "shortage_overdue", fact, cause=cause)


def tell_waits(fact: ShortageWaits, unit: Unit) -> None:
    cause = f"{fact.shortage_id} {fact.moves}"
    _write_to_store(unit, "shortage_waits", fact, cause=cause, until=_shown(fact.until))


def tell_substituted(fact: UnitsSubstituted, unit: Unit) -> None:
    _write_to_buyer(unit, "units_substituted", fact, cause=fact.shortage_id)
    _write_to_store(unit, "substitute_to_prepare", fact, cause=fact.shortage_id)


def tell_dropped(fact: UnitsDropped, unit: Unit) -> None:
    cause, units = f"{fact.order_id} {fact.step}", sum(fact.units.values())
    _write_to_buyer(unit, "units_dropped", fact, cause=cause, units=units)


def tell_of_case(fact: OfReview, unit: Unit) -> None:
    _write_of_case(unit, CASE_TOPICS[type(fact)], fact.buyer_id, fact)


def tell_requested(fact: RefundRequested, unit: Unit) -> None:
    """To the buyer as a receipt, to the store because it is theirs to decide."""
    topic = "exchange_requested" if fact.kind == "exchange" else "refund_requested"
    _write_of_case(unit, topic, fact.buyer_id, fact)
    _write_of_case(unit, "refund_to_review", inbox_of_store(fact.store_id), fact)


def tell_approved(fact: RefundApproved | GoodsReturned, unit: Unit) -> None:
    """Where goodwill had paid all of it before, nothing more comes."""
    _write_of_case(unit, "refund_approved" if fact.told_minor else "return_closed", fact.buyer_id, fact)


def tell_return_moved(fact: ReturnMoved, unit: Unit) -> None:
    """What the buyer has to do, or what is done for them; that they sent the goods they know.

    A return is refunded by this alone where nothing is due; of an exchange for which there are no goods the refund
    tells.
    """
    topic = RETURN_TOPICS.get(fact.status)
    if topic and (fact.kind, fact.status) != ("exchange", "refunded"):
        more = amount(fact.difference_minor, fact.currency)
        _write_of_case(unit, topic, fact.buyer_id, fact, difference=more)


def tell_case_overdue(fact: RefundCaseOverdue, unit: Unit) -> None:
    """Once for each wait, however often the workflow reminds of it."""
    for inbox in inboxes_of_staff(fact.store_id):
        _write_of_case(unit, "refund_overdue", inbox, fact)


def _write_of_case(unit: Unit, topic: str, to: str, fact: OfReview | OfDesk, **said: Any) -> None:
    cause, back = f"{fact.case_id} {fact.step}", amount(fact.told_minor, fact.currency)
    _write(unit, topic, to=to, cause=cause, about=fact.case_id, amount=back, **vars(fact), **said)


def tell_refunded(fact: RefundPosted, unit: Unit) -> None:
    _write(
        unit,
        "refund_to_balance" if fact.to_balance else "refund_posted",
        to=fact.buyer_id,
        cause=fact.refund_id,
        about=fact.order_id,
        store_id=fact.sale.store_id if fact.sale else HEAD_OFFICE,
        amount=amount(fact.amount_minor, fact.currency) if fact.to_balance else _as_charged(fact),
        paid_for=_paid_for(fact.order_id),
    )


def tell_refund_failed(fact: RefundFailed, unit: Unit) -> None:
    """To the buyer only who had been told that it was on its way."""
    lost, of = amount(fact.amount_minor, fact.currency), _paid_for(fact.order_id)
    if fact.was_posted:
        _write_to_buyer(unit, "refund_returned", fact, cause=fact.refund_id, paid_for=of)
    _write_to_staff(unit, "refund_failed", fact, cause=fact.refund_id, amount=lost, paid_for=of)


def tell_disputed(fact: DisputeOpened, unit: Unit) -> None:
    """Once when it is there, once where an inquiry became more, once where it takes more than was left."""
    topic = "dispute_inquiry" if fact.status == "inquiry" else "dispute_open"
    if fact.overdrawn_minor:
        topic = "payment_overdrawn"
    if fact.top_up and topic != "dispute_inquiry":
        topic = "top_up_disputed"
    _write_of_dispute(unit, topic, fact, respond_by=_shown(fact.respond_by) if fact.respond_by else "-")


def tell_dispute_closed(fact: DisputeClosed, unit: Unit) -> None:
    _write_of_dispute(unit, f"dispute_{fact.status}", fact)


def _write_of_dispute(unit: Unit, topic: str, fact: DisputeOpened | DisputeClosed, **said: str) -> None:
    cause, disputed = f"{fact.dispute_id} {topic}", amount(fact.amount_minor, fact.currency)
    over, of = amount(fact.overdrawn_minor, fact.currency), _paid_for(fact.order_id)
    _write_to_staff(unit, topic, fact, cause=cause, amount=disputed, overdrawn=over, paid_for=of, **said)


def tell_low(fact: StockFellLow, unit: Unit) -> None:
    """Once for each fall to the threshold, to whom the rule of this stock names."""
    cause = f"{fact.sku} {fact.store_id} {fact.fall}"
    for inbox in inboxes_of_alert(fact.store_id, fact.alert_to):
        _write(unit, "stock_low", to=inbox, cause=cause, about=fact.sku, **vars(fact))


def tell_found(fact: StockFound, unit: Unit) -> None:
    """Once for each sale, whatever it was of: somebody must count what is there."""
    about, units = fact.reference, ", ".join(f"{number} × {sku}" for sku, number in fact.units.items())
    for inbox in inboxes_of_staff(fact.store_id):
        _write(unit, "stock_found", to=inbox, cause=about, about=about, store_id=fact.store_id, units=units)


def tell_applied(fact: MerchantApplied, unit: Unit) -> None:
    _write_of_merchant(unit, "merchant_applied", fact, to=HEAD_OFFICE)


def tell_decided(fact: MerchantDecided, unit: Unit) -> None:
    """To the member who applied."""
    topic = MERCHANT_TOPICS[fact.was, fact.status]
    _write_of_merchant(unit, topic, fact, to=fact.member_id, reason=fact.reason)


def _write_of_merchant(
    unit: Unit, topic: str, fact: MerchantApplied | MerchantDecided, *, to: str, **said: str
) -> None:
    """Once for each move."""
    about = fact.merchant_id
    _write(unit, topic, to=to, cause=f"{about} {fact.step}", about=about, name=fact.merchant_name, **said)


def tell_settled(fact: SettlementClosed, unit: Unit) -> None:
    _write_of_settlement(unit, f"settlement_{fact.status}", fact)


def tell_paid_out(fact: SettlementPaid, unit: Unit) -> None:
    _write_of_settlement(unit, "settlement_paid", fact, reference=fact.bank_reference)


def _write_of_settlement(unit: Unit, topic: str, fact: SettlementClosed | SettlementPaid, **said: str) -> None:
    """To the member whose business it is."""
    about, to = fact.merchant_id, merchants.get(fact.merchant_id).member_id
    cause, payable = f"{about} {fact.month} {fact.currency}", amount(fact.payable_minor, fact.currency)
    _write(unit, topic, to=to, cause=cause, about=about, month=fact.month, amount=payable, **said)


def _write_to_buyer(unit: Unit, topic: str, fact: OfOrder, **said: Any) -> None:
    _write_of_order(unit, topic, fact, fact.buyer_id, **said)


def _write_to_store(unit: Unit, topic: str, fact: OfOrder, **said: Any) -> None:
    _write_of_order(unit, topic, fact, inbox_of_store(fact.store_id), **said)


def _write_to_staff(unit: Unit, topic: str, fact: OfOrder, **said: Any) -> None:
    _write_of_order(unit, topic, fact, *inboxes_of_staff(fact.store_id), **said)


def _write_of_order(unit: Unit, topic: str, fact: OfOrder, *inboxes: str, **said: Any) -> None:
    """With all that the fact says; once in the order's life where no other cause is named."""
    about = fact.order_id
    for inbox in inboxes:
        _write(unit, topic, to=inbox, about=about, **{**vars(fact), "cause": about, **said})


def _write(
    unit: Unit, topic: str, *, to: str, cause: str, about: str, store_id: str = HEAD_OFFICE, **values: object
) -> None:
    """Into the inbox, and out on the channels that the shop has set for the topic."""
    channels = at_hand().settings.outward_channels(topic)
    actions.write(unit, topic, to=to, cause=cause, about=about, store_id=store_id, channels=channels, **values)


def _paid_for(order_id: str) -> Texts:
    """As people call it: an order by its number. What has none is a top-up."""
    number = orders.number_of(order_id)
    return paid_for(number or order_id, top_up=number is None)


def _as_charged(fact: PaidTooLate | RefundPosted) -> str:
    """As it stands on the buyer's statement."""
    if fact.charged is None:
        return amount(fact.amount_minor, fact.currency)
    return amount(fact.charged.minor, fact.charged.currency)


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
