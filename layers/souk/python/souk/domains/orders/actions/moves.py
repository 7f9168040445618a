"""The moves of an order's life; each is told as one fact, within the caller's Unit."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from souk.domains.orders.actions.booking import book, book_credit, book_sale, sale_of
from souk.domains.orders.actions.saving import about, save_move
from souk.domains.orders.events import moving as events
from souk.domains.orders.model import books
from souk.domains.orders.model.lifecycle import LettingGo
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Holding
from souk.kernel import clock
from souk.table import keys
from souk.table.unit import Unit


def mark_paid(unit: Unit, order: Order, *, method: str, at: datetime, by: str, taken: bool = True) -> Order:
    """By the method through which the money came, which need not be the one that was chosen first.

    What is not `taken` yet is booked by `note_taken`.
    """
    paid = save_move(unit, order.moved("paid", at, by).but(payment_method=method))
    if taken:
        note_taken(unit, order)
    unit.tell(events.OrderPaid(**sale_of(order), currency=order.currency))
    return paid


def note_taken(unit: Unit, order: Order) -> None:
    """The money that it is sold for is there."""
    book_sale(unit, order, order.bought)


def revive(unit: Unit, order: Order, holders: Sequence[Holding], *, method: str, by: str) -> Order:
    """It is paid, as any other is from now on, at the price that was agreed."""
    revived = save_move(unit, order.revived(holders, clock.now(), by).but(payment_method=method))
    book_sale(unit, revived, revived.bought)
    unit.tell(events.OrderRevived(**about(revived), units=revived.unshipped()))
    unit.tell(events.OrderPaid(**sale_of(revived), currency=revived.currency))
    return revived


def hold(unit: Unit, order: Order, reasons: tuple[str, ...], *, by: str) -> Order:
    """It is not confirmed until it is reviewed; what is reserved for it stays so."""
    held = save_move(unit, order.moved("held", clock.now(), by).but(held_for=reasons))
    unit.tell(events.OrderHeld(**about(order), reasons=reasons))
    return held


def release(unit: Unit, order: Order, *, by: str) -> Order:
    released = save_move(unit, order.moved("released", clock.now(), by))
    unit.tell(events.OrderReleased(**about(order), by=by))
    return released


def chase_review(unit: Unit, order: Order) -> None:
    """Tells that the order is overdue to be reviewed, if it is; nothing about it changes."""
    if order.status == "held":
        unit.tell(events.ReviewOverdue(**about(order)))


def confirm(unit: Unit, order: Order, *, by: str) -> Order:
    confirmed = save_move(unit, order.moved("confirmed", clock.now(), by))
    unit.tell(events.OrderConfirmed(**about(order), by=by))
    return confirmed


def hand_over(unit: Unit, order: Order, holders: Sequence[Holding], *, by: str, reason: str | None = None) -> Order:
    """The order as another store's, as several stores' that it is to be split between, or as head office's.

    With a `reason` its own store has declined it.
    """
    now = clock.now()
    declined = order.declined(reason, now, by) if reason else order
    handed = save_move(unit, declined.handed_to(holders, now, by))
    fact = events.OrderReassigned if holders else events.OrderUnassigned
    unit.tell(fact(**sale_of(handed), step=handed.step, from_store_id=order.store_id, units=order.unshipped()))
    return handed


def chase_acceptance(unit: Unit, order: Order) -> Order:
    unit.tell(events.AcceptanceOverdue(**about(order), step=order.step))
    return unit.save(keys.ORDER, order.but(chased_at=clock.now()))


def record_shipment(
    unit: Unit,
    order: Order,
    units: Mapping[str, int],
    *,
    shipment_id: str,
    carrier: str,
    tracking_number: str,
    at: datetime,
    by: str,
) -> Order:
    """The order after a parcel; refused where it holds more than is left to ship."""
    after = save_move(unit, order.shipped_by(units, at, by))
    unit.tell(
        events.OrderShipped(
            **about(order),
            shipment_id=shipment_id,
            carrier=carrier,
            tracking_number=tracking_number,
            units=dict(units),
            whole=after.status == "shipped",
        )
    )
    return after


def book_goods_out(unit: Unit, order: Order, units: Mapping[str, int], costs: Mapping[str, int], parcel: str) -> None:
    """`costs` are of a unit; `parcel` names what they leave in, of which an order may have several."""
    moves = books.goods_out(units, costs)
    book(unit, order, f"goods out:{parcel}", moves, books.spent_by_sku(units, costs))


def book_goods_in(unit: Unit, order: Order, units: Mapping[str, int], costs: Mapping[str, int], case_id: str) -> None:
    """They lie in the shop again, and may be sold once more."""
    back = {sku: -count for sku, count in units.items()}
    book(unit, order, f"goods in:{case_id}", books.goods_out(back, costs), books.spent_by_sku(back, costs))


def chase_shipment(unit: Unit, order: Order) -> None:
    """Tells that the order is overdue to be shipped, if it is; nothing about it changes."""
    if order.waits_to_leave:
        unit.tell(events.ShipmentOverdue(**about(order)))


def receive(unit: Unit, order: Order, *, at: datetime, by: str, completion_time: timedelta) -> Order:
    """The goods have arrived; the order completes itself after `completion_time`."""
    return _receive(unit, order.arrived(at, by), at + completion_time)


def fetch(unit: Unit, order: Order, *, by: str, completion_time: timedelta) -> Order:
    """The buyer has all of it in hand."""
    now = clock.now()
    return _receive(unit, order.fetched(now, by), now + completion_time)


def complete(unit: Unit, order: Order, *, at: datetime, by: str) -> Order:
    completed = save_move(unit, order.moved("completed", at, by))
    unit.tell(events.OrderCompleted(**about(order)))
    return completed


def cancel(unit: Unit, order: Order, *, reason: str, by: str) -> Order:
    """Nobody has paid for it; what it had reserved is told, for whoever gives it back."""
    unit.because(reason)
    cancelled = save_move(unit, order.moved("cancelled", clock.now(), by).but(cancel_reason=reason))
    unit.tell(
        events.OrderCancelled(
            **about(order), reason=reason, paid=False, units=_held(order), exchange_of=order.exchange_of
        )
    )
    return cancelled


def ask_to_let_go(unit: Unit, order: Order, asked: LettingGo) -> Order:
    """Before the provider is asked: whoever hears of it before the order has ended knows whose doing it is."""
    unit.because(asked.reason)
    return unit.save(keys.ORDER, order.asks_to_let_go(asked))


def drop(
    unit: Unit,
    order: Order,
    units: Mapping[str, int],
    *,
    reason: str,
    by: str,
    taken: bool = True,
    lapsed: bool = False,
) -> Order:
    """These units do not leave any more. Where nothing else has left or will, that is the order's end.

    Of what was never `taken` nothing was booked, so nothing is credited.
    """
    unit.because(reason)
    after = order.without(units, clock.now(), by)
    if taken:
        book_credit(unit, order, f"left out:{order.version}", units, {})
    if after.status == "cancelled":
        told = {"paid": True, "taken": taken, "lapsed": lapsed}
        unit.tell(events.OrderCancelled(**about(order), **told, reason=reason, units=_held(order)))
        return save_move(unit, after.but(cancel_reason=reason))
    unit.tell(events.UnitsDropped(**about(order), step=order.version, units=dict(units), whole=not after.unshipped()))
    return save_move(unit, after) if after.step > order.step else unit.save(keys.ORDER, after)


def note_refunded(
    unit: Unit, order: Order, units: Mapping[str, int], *, deducted: Mapping[str, int] | None = None
) -> Order:
    """`deducted`, by SKU, is what of their worth is not paid back."""
    book_credit(unit, order, f"returned:{order.version}", units, deducted or {})
    return unit.save(keys.ORDER, order.refunded_by(units))


def _receive(unit: Unit, order: Order, complete_after: datetime) -> Order:
    received = save_move(unit, order)
    unit.tell(events.OrderReceived(**about(order), complete_after=complete_after))
    return received


def _held(order: Order) -> dict[str, int]:
    """What is reserved for it, wherever that is."""
    return order.unshipped() if order.reserved() else {}
