"""What is done with orders; each is one move, told as one fact, within the caller's Unit."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from souk.domains.orders import events, store
from souk.domains.orders.model import regrouping
from souk.domains.orders.model.goods import Link, OrderLine, Step, held_by
from souk.domains.orders.model.lifecycle import Life
from souk.domains.orders.model.order import Order, Origin
from souk.domains.orders.model.pickup import CODE_LETTERS, Pickup, PickupLocked, PickupSlip
from souk.domains.orders.model.quote import FREIGHT, TAX, Holding, Quote
from souk.domains.orders.model.requests import OrderClaim
from souk.domains.orders.model.sale import TillSale
from souk.domains.orders.model.shortage import Shortage, Substitute
from souk.gateways import keyed
from souk.kernel import clock, correlation, ids
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.kernel.shapes import Address, Contact
from souk.table import keys, limits
from souk.table.conditions import at_least
from souk.table.limits import Limit
from souk.table.unit import ChangedMeanwhile, Unit

CLAIMS_BY_ADDRESS = Limit("order_claims_by_address", most=30, window=timedelta(hours=1))
CLAIMS_BY_NUMBER = Limit("order_claims_by_number", most=10, window=timedelta(hours=1))


def new_order(
    agreed: Quote,
    *,
    order_id: str,
    buyer_id: str,
    address: Address,
    contact: Contact,
    payment_time: timedelta,
    fingerprint: str,
    by: Caller,
    placed_at: datetime | None = None,
    by_staff: bool = False,
) -> Order:
    """An order as it was agreed to; its own date is now unless staff gave another."""
    now = clock.now()
    at = placed_at or now
    return Order(
        order_id=order_id,
        number=ids.order_number(at),
        buyer_id=buyer_id,
        store_id=agreed.store_id,
        currency=agreed.currency,
        held=held_by(agreed.parcels),
        lines=tuple(OrderLine(**dict(line)) for line in agreed.lines),
        goods_minor=agreed.goods_minor,
        discount_minor=agreed.discount_minor,
        freight_minor=agreed.freight_minor,
        tax_minor=agreed.tax_minor,
        total_minor=agreed.total_minor,
        address=address,
        contact=contact,
        delivery_method=agreed.delivery_method,
        pickup_store_id=agreed.store_id if agreed.delivery_method == "pickup" else None,
        placed_at=at,
        moved_at=now,
        pay_until=now + payment_time,
        request_fingerprint=fingerprint,
        assisted_by=by.id if by_staff else None,
        origin=None if by_staff else Origin(ip=by.ip, request_id=correlation.current()),
        history=(Step(status="awaiting_payment", at=at, by=by.id),),
    )


def new_sale(
    sale: TillSale, agreed: Quote, *, buyer_id: str, address: Address, contact: Contact, sold_at: datetime, by: Caller
) -> Order:
    """An order that begins where others arrive: paid, and in its buyer's hands."""
    order = new_order(
        agreed,
        order_id=sale.order_id,
        buyer_id=buyer_id,
        address=address,
        contact=contact,
        payment_time=timedelta(),
        fingerprint=sale.fingerprint,
        by=by,
        placed_at=sold_at,
        by_staff=True,
    )
    return order.but(
        status="received",
        payment_method=sale.paid_by,
        lines=tuple(line.but(shipped=line.quantity) for line in order.lines),
        delivered_at=sold_at,
        history=(Step(status="received", at=sold_at, by=by.id),),
    )


def follow_as_guest(claim: OrderClaim, address: str) -> Order:
    """The order of whoever knows its number and the last digits of its telephone; guesses are soon at their limit."""
    limits.count((CLAIMS_BY_ADDRESS, address), (CLAIMS_BY_NUMBER, claim.number))
    return store.with_phone_tail(claim.number, claim.phone_tail)


def place(unit: Unit, order: Order, otherwise: Refusal) -> Order:
    """Absent before: the order is its own idempotency row, and `otherwise` is said where it was placed already."""
    placed = unit.save(keys.ORDER, order, otherwise=otherwise)
    unit.tell(events.OrderPlaced(**_about(order), pay_until=order.pay_until, units=order.unshipped()))
    return placed


def sell(unit: Unit, sold: Order, *, completion_time: timedelta) -> Order:
    """Absent before, as `place`; it completes itself after `completion_time`."""
    entered = unit.save(keys.ORDER, sold, otherwise=ChangedMeanwhile())
    unit.tell(
        events.OrderSold(
            **_about(sold),
            country=sold.address.country,
            region=sold.address.region,
            currency=sold.currency,
            lines=tuple(_sold(line) for line in sold.lines),
            total_minor=sold.total_minor,
            complete_after=sold.placed_at + completion_time,
        )
    )
    return entered


def mark_paid(unit: Unit, order: Order, *, at: datetime, by: str) -> Order:
    paid = _move(unit, order.moved("paid", at, by))
    unit.tell(events.OrderPaid(**_sale(order), currency=order.currency))
    return paid


def hold(unit: Unit, order: Order, reasons: tuple[str, ...], *, by: str) -> Order:
    """It is not confirmed until it is reviewed; what is reserved for it stays so."""
    held = _move(unit, order.moved("held", clock.now(), by).but(held_for=reasons))
    unit.tell(events.OrderHeld(**_about(order), reasons=reasons))
    return held


def release(unit: Unit, order: Order, *, by: str) -> Order:
    released = _move(unit, order.moved("released", clock.now(), by))
    unit.tell(events.OrderReleased(**_about(order), by=by))
    return released


def chase_review(unit: Unit, order: Order) -> None:
    """Tells that the order is overdue to be reviewed, if it is; nothing about it changes."""
    if order.status == "held":
        unit.tell(events.ReviewOverdue(**_about(order)))


def confirm(unit: Unit, order: Order, *, by: str) -> Order:
    confirmed = _move(unit, order.moved("confirmed", clock.now(), by))
    unit.tell(events.OrderConfirmed(**_about(order), by=by))
    return confirmed


def hand_over(unit: Unit, order: Order, holders: Sequence[Holding], *, by: str, reason: str | None = None) -> Order:
    """The order as another store's, as several stores' that it is to be split between, or as head office's.

    With a `reason` its own store has declined it.
    """
    now = clock.now()
    declined = order.declined(reason, now, by) if reason else order
    handed = _move(unit, declined.handed_to(holders, now, by))
    fact = events.OrderReassigned if holders else events.OrderUnassigned
    unit.tell(fact(**_sale(handed), step=handed.step, from_store_id=order.store_id, units=order.unshipped()))
    return handed


def split(unit: Unit, order: Order, holders: Sequence[Holding], *, by: str) -> list[Order]:
    """An order for each of those who hold it; the one that was split ends."""
    regrouping.need_untouched(order)
    now = clock.now()
    links = [_link(order.placed_at, order.order_id, str(place)) for place in range(len(holders))]
    _move(unit, order.moved("split", now, by).but(held=tuple(holders), became=tuple(links)))
    parts = [unit.save(keys.ORDER, part) for part in regrouping.parts(order, links, holders, now, by)]
    unit.tell(events.OrderSplit(**_sale(order), numbers=tuple(link.number for link in links)))
    for part in parts:
        unit.tell(events.OrderRemade(**_sale(part), came_from=(order.order_id,)))
    return parts


def merge(unit: Unit, orders: Sequence[Order], *, by: str) -> Order:
    """One order in the place of several, which end."""
    now = clock.now()
    order_ids = [order.order_id for order in orders]
    link = _link(min(order.placed_at for order in orders), *order_ids)
    into = unit.save(keys.ORDER, regrouping.merged(orders, link, now, by))
    unit.tell(events.OrderRemade(**_sale(into), came_from=tuple(order_ids)))
    for order in orders:
        _move(unit, order.moved("merged", now, by).but(became=(link,)))
        unit.tell(events.OrderMerged(**_sale(order), into=link.number))
    return into


def chase_acceptance(unit: Unit, order: Order) -> Order:
    unit.tell(events.AcceptanceOverdue(**_about(order), step=order.step))
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
    after = _move(unit, order.shipped_by(units, at, by))
    unit.tell(
        events.OrderShipped(
            **_about(order),
            shipment_id=shipment_id,
            carrier=carrier,
            tracking_number=tracking_number,
            units=dict(units),
            whole=after.status == "shipped",
        )
    )
    return after


def chase(unit: Unit, order: Order) -> None:
    """Tells that the order is overdue to be shipped, if it is; nothing about it changes."""
    if order.waits_to_leave:
        unit.tell(events.ShipmentOverdue(**_about(order)))


def receive(unit: Unit, order: Order, *, at: datetime, by: str, completion_time: timedelta) -> Order:
    """The goods have arrived; the order completes itself after `completion_time`."""
    return _receive(unit, order.arrived(at, by), at + completion_time)


def lay_out(unit: Unit, order: Order, *, by: str, pickup_time: timedelta) -> Order:
    """The goods wait in their store for the buyer, and for so long they are kept."""
    now = clock.now()
    ready = _move(unit, order.laid_out(now, by))
    pickup = Pickup(order_id=order.order_id, store_id=order.store_id, ready_at=now, until=now + pickup_time)
    unit.save(keys.PICKUP, pickup)
    about = {**_about(order), "store_name": order.address.name}
    unit.tell(events.OrderReady(**about, remind_at=pickup.remind_at, until=pickup.until))
    return ready


def remind_of_pickup(unit: Unit, order: Order, pickup: Pickup) -> None:
    unit.save(keys.PICKUP, pickup.but(reminded_at=clock.now()))
    unit.tell(events.PickupReminded(**_about(order), store_name=order.address.name, until=pickup.until))


def pickup_slip(pickup: Pickup) -> PickupSlip:
    """The code is kept nowhere: it is made of what it is bound to, and of how many there have been."""
    made = keyed.digest("pickup", pickup.order_id, pickup.store_id, str(pickup.issue))
    return PickupSlip(code=ids.letters(made, CODE_LETTERS), until=pickup.until)


def count_pickup_try(order_id: str) -> None:
    """Before anything is compared, so that of many tries at once none is free."""
    with Unit() as unit:
        unit.change(
            keys.PICKUP,
            order_id=order_id,
            add={"tries_left": -1},
            only_if=(at_least("tries_left", 1),),
            otherwise=PickupLocked(),
        )


def issue_pickup_code(pickup: Pickup) -> Pickup:
    with Unit() as unit:
        return unit.save(keys.PICKUP, pickup.issued_anew())


def fetch(unit: Unit, order: Order, *, by: str, completion_time: timedelta) -> Order:
    """The buyer has all of it in hand."""
    now = clock.now()
    return _receive(unit, order.fetched(now, by), now + completion_time)


def complete(unit: Unit, order: Order, *, at: datetime, by: str) -> Order:
    completed = _move(unit, order.moved("completed", at, by))
    unit.tell(events.OrderCompleted(**_about(order)))
    return completed


def cancel(unit: Unit, order: Order, *, reason: str, by: str) -> Order:
    """Nobody has paid for it; what it had reserved is told, for whoever gives it back."""
    unit.because(reason)
    cancelled = _move(unit, order.moved("cancelled", clock.now(), by).but(cancel_reason=reason))
    unit.tell(events.OrderCancelled(**_about(order), reason=reason, paid=False, units=_held(order)))
    return cancelled


def drop(unit: Unit, order: Order, units: Mapping[str, int], *, reason: str, by: str) -> Order:
    """These units do not leave any more. Where nothing else has left or will, that is the order's end."""
    unit.because(reason)
    after = order.without(units, clock.now(), by)
    if after.status == "cancelled":
        unit.tell(events.OrderCancelled(**_about(order), reason=reason, paid=True, units=_held(order)))
        return _move(unit, after.but(cancel_reason=reason))
    unit.tell(events.UnitsDropped(**_about(order), step=order.version, units=dict(units), whole=not after.unshipped()))
    return _move(unit, after) if after.step > order.step else unit.save(keys.ORDER, after)


def mark_short(unit: Unit, order: Order, shortage: Shortage) -> Order:
    after = order.with_shortage(shortage)
    unit.because(shortage.reason)
    _tell_shortage(unit, order, shortage)
    return unit.save(keys.ORDER, after)


def ask_again(unit: Unit, order: Order, shortage: Shortage) -> Order:
    """The wait was in vain so far."""
    _tell_shortage(unit, order, shortage)
    return unit.save(keys.ORDER, order.with_moved(shortage))


def wait(unit: Unit, order: Order, shortage: Shortage) -> Order:
    unit.tell(
        events.ShortageWaits(
            **_about(order),
            shortage_id=shortage.shortage_id,
            moves=shortage.moves,
            sku=shortage.sku,
            units=shortage.units,
            until=shortage.due,
        )
    )
    return unit.save(keys.ORDER, order.with_moved(shortage))


def substitute(unit: Unit, order: Order, shortage: Shortage, goods: Substitute) -> Order:
    """Other goods leave in the place of what is still missing; the caller reserves them and lets the missing go."""
    settled = order.with_moved(shortage.moved("substituted", taken=goods.sku))
    units = order.short()[shortage.sku]
    after = settled.with_substitute(shortage.sku, goods, units)
    name = next(line.name for line in order.lines if line.sku == shortage.sku)
    unit.tell(
        events.UnitsSubstituted(
            **_about(order),
            shortage_id=shortage.shortage_id,
            sku=shortage.sku,
            goods=name,
            units=units,
            by_sku=goods.sku,
            by_goods=goods.name,
        )
    )
    return unit.save(keys.ORDER, after)


def note_refunded(unit: Unit, order: Order, units: Mapping[str, int]) -> Order:
    return unit.save(keys.ORDER, order.refunded_by(units))


def correct(unit: Unit, order: Order, corrected: Order) -> Order:
    """The order as corrected in the last of its corrections."""
    last = corrected.corrections[-1]
    unit.because(last.reason)
    unit.tell(
        events.OrderCorrected(
            **_about(order),
            sequence=len(corrected.corrections),
            difference_minor=last.difference_minor,
            refunded_minor=last.refunded_minor,
            currency=order.currency,
        )
    )
    return unit.save(keys.ORDER, corrected)


def ask_buyer(unit: Unit, order: Order, text: str, *, by: str) -> Order:
    asked = order.asked(text, clock.now(), by)
    unit.tell(events.BuyerAsked(**_about(order), sequence=len(asked.questions), question=text))
    return unit.save(keys.ORDER, asked)


def park(unit: Unit, order: Order, life: Life, failure: str) -> None:
    """The workflow gives up; said again of the same run it is the same."""
    if life.parked_run != life.run:
        unit.save(keys.LIFE, life.but(parked_run=life.run, parked_at=clock.now(), failure=failure))
        unit.tell(events.OrderParked(**_about(order), run=life.run, failure=failure))


def unpark(life: Life) -> None:
    """A later run is at work on it; the run that was parked is over."""
    if life.parked_run is not None and life.parked_run < life.run:
        with Unit() as unit:
            unit.save(keys.LIFE, life.but(parked_run=None, parked_at=None, failure=None))


def keep_token(life: Life, step: str, token: str) -> Life:
    """Remembers whom to tell when what the step waits for has happened."""
    with Unit() as unit:
        return unit.save(keys.LIFE, life.but(tokens={**life.tokens, step: token}), otherwise=ChangedMeanwhile())


def next_run(life: Life) -> Life:
    """A fresh workflow for the order: the tokens of the old one are void."""
    with Unit() as unit:
        return unit.save(keys.LIFE, life.but(run=life.run + 1, tokens={}))


def _tell_shortage(unit: Unit, order: Order, shortage: Shortage) -> None:
    unit.tell(
        events.ShortageFound(
            **_about(order),
            shortage_id=shortage.shortage_id,
            moves=shortage.moves,
            sku=shortage.sku,
            goods=next(line.name for line in order.lines if line.sku == shortage.sku),
            units=shortage.units,
            answer_by=shortage.answer_by,
        )
    )


def _receive(unit: Unit, order: Order, complete_after: datetime) -> Order:
    received = _move(unit, order)
    unit.tell(events.OrderReceived(**_about(order), complete_after=complete_after))
    return received


def _move(unit: Unit, order: Order) -> Order:
    return unit.save(keys.ORDER, order.but(moved_at=clock.now()))


def _about(order: Order) -> dict[str, Any]:
    names = ("order_id", "number", "buyer_id", "store_id", "also_at", "placed_at")
    return {name: getattr(order, name) for name in names}


def _sale(order: Order) -> dict[str, Any]:
    return _about(order) | {
        "country": order.counted_in.country,
        "region": order.counted_in.region,
        "lines": tuple(_sold(line) for line in order.bought),
        "total_minor": order.total_minor,
    }


def _held(order: Order) -> dict[str, int]:
    """What is reserved for it, wherever that is."""
    return order.unshipped() if order.reserved() else {}


def _link(placed_at: datetime, *parts: str) -> Link:
    """The name of an order made of others. Its number tells the same time as theirs, so they lie side by side."""
    return Link(order_id=ids.derived("ord", *parts), number=ids.order_number(placed_at))


def _sold(line: OrderLine) -> events.SoldLine:
    return events.SoldLine(
        sku=line.sku,
        product_id=line.product_id,
        name=line.name,
        units=line.quantity,
        goods_minor=line.net_minor,
        discount_minor=line.discount_minor,
        freight_minor=line.of(FREIGHT),
        tax_minor=line.of(TAX),
    )
