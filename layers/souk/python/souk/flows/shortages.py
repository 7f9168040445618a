"""Units that a store turns out to lack: the buyer waits, takes other goods, or has the money back."""

from contextlib import suppress

from souk.domains.inventory.actions import reservations as inventory
from souk.domains.orders.actions import shortages
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import need_offer
from souk.domains.orders.model.shortage import NotOffered, Shortage, Substitute
from souk.domains.orders.model.shortage_requests import ShortageAnswer, ShortageReport
from souk.domains.orders.store import orders as store
from souk.domains.payments.model.payment import PaymentLapsed
from souk.domains.shipping import actions as shipping
from souk.domains.shipping import store as parcels
from souk.domains.stores.store.settings import at_hand
from souk.flows import drop_units, goods, settle_payment
from souk.kernel import clock, ids
from souk.kernel.caller import Caller, system
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import Unit


def report(order_id: str, said: ShortageReport, by: Caller) -> Order:
    """The order with the shortage, which is there once however often it is reported."""
    shortage_id = ids.derived("sho", order_id, said.reference)

    def once() -> Order:
        order = store.for_staff(order_id, by)
        known = next((one for one in order.shortages if one.shortage_id == shortage_id), None)
        if known:
            known.need_same(said)
            return order
        now = clock.now()
        shortage = Shortage(
            shortage_id=shortage_id,
            sku=said.sku,
            units=said.units,
            reason=said.reason,
            substitutes=tuple(_goods(sku, order) for sku in dict.fromkeys(said.substitutes)),
            found_at=now,
            found_by=by.id,
            answer_by=now + at_hand().settings.shortage_time,
        )
        with Unit() as unit:
            return shortages.mark_short(unit, order, shortage)

    return again(once)


def answer(order_id: str, shortage_id: str, said: ShortageAnswer, by: Caller) -> Order:
    """What the buyer chooses, or staff for them; only staff may give other goods than were offered."""

    def once() -> Order:
        rows = store.whole(order_id)
        order = store.in_rows(rows)
        shortage = order.shortage(shortage_id)
        if shortage.has(said):
            return order
        if said.until:
            with Unit() as unit:
                return shortages.wait(unit, order, shortage.waiting(said.until, clock.now()))
        if said.sku:
            offered = shortage.offered(said.sku)
            if offered is None and by.kind != "staff":
                raise NotOffered(sku=said.sku)
            return _substitute(rows, order, shortage, offered or _goods(said.sku, order))
        return _refund(rows, order, shortage, by.id)

    return again(once)


def mind(order_id: str, shortage_id: str, moves: int) -> None:
    """Nobody has answered, or the wait is over: unless something has happened to it since its timer was set."""

    def once() -> None:
        rows = store.whole(order_id)
        order = store.in_rows(rows)
        shortage = order.shortage(shortage_id)
        if shortage.moves != moves or not shortage.unsettled:
            return
        if shortage.status == "open":
            _refund(rows, order, shortage, system("mind_shortage").id)
            return
        with Unit() as unit:
            answer_by = clock.now() + at_hand().settings.shortage_time
            shortages.ask_again(unit, order, shortage.asked_again(answer_by))

    with suppress(PaymentLapsed):  # the order has ended, and its shortages with it
        again(once)


def _goods(sku: str, order: Order) -> Substitute:
    """Of who sells the order: its store has no others."""
    offer = goods.offers_of([sku]).get(sku)
    need_offer(sku, offer is not None and offer.merchant_id == order.merchant_id and offer.sold_in(order.currency))
    return Substitute.model_validate(offer, from_attributes=True)


def _substitute(rows: Rows, order: Order, shortage: Shortage, other: Substitute) -> Order:
    """The reservation moves from the one to the other, if a store holds any for the order. No money does."""
    units = order.short().get(shortage.sku, 0)
    with Unit() as unit:
        after = shortages.substitute(unit, order, shortage, other)
        if order.reserved():
            inventory.release(unit, order.store_id, {shortage.sku: units})
            inventory.reserve(unit, order.store_id, {other.sku: units})
        pick = parcels.pick_in_rows(rows)
        if pick:
            shipping.change_pick(unit, pick, out={shortage.sku: units}, into={other.sku: units})
        return after


def _refund(rows: Rows, order: Order, shortage: Shortage, by: str) -> Order:
    refunded = shortage.moved("refunded")
    units = {shortage.sku: order.short()[shortage.sku]}
    rows = settle_payment.taken(rows, by)
    with Unit() as unit:
        return drop_units.drop(
            unit,
            rows,
            order.with_moved(refunded),
            units,
            refund_id=ids.derived("rfd", shortage.shortage_id),
            cause=f"short of {shortage.sku}",
            reason=shortage.reason,
            by=by,
        )
