"""A store that will not serve its order: the next one that can has it, or several together, or head office."""

from collections.abc import Sequence
from contextlib import suppress

from souk.domains.aftersales import store as aftersales
from souk.domains.inventory.actions import reservations as inventory
from souk.domains.inventory.model import InsufficientStock
from souk.domains.orders.actions import moves
from souk.domains.orders.model import handling
from souk.domains.orders.model.handling import Assignment, Declining, Handled, Timeline
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Holding
from souk.domains.orders.model.refusals import OpenCaseBlocks
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import charges
from souk.domains.payments.model.payment import NotTaken
from souk.domains.payments.store import payments as payment_store
from souk.domains.shipping import actions as shipping
from souk.domains.shipping import store as parcels
from souk.domains.stores.model.allocation import Lot
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores
from souk.flows import order_lifecycle
from souk.flows.serving import candidates_for, shared_out
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import ChangedMeanwhile, Unit


def decline(order_id: str, declining: Declining, by: Caller) -> None:
    """The next store has it from now on; said twice it is declined once, for the store is named."""
    by.need_store(declining.store_id)
    again(lambda: _decline(order_id, declining, by))
    with suppress(NotTaken):  # it is declined, and shared out by the sweeper once its money is there
        again(lambda: order_lifecycle.prepare(order_id))


def assign(order_id: str, assignment: Assignment, by: Caller) -> Order:
    """Head office's own choice of the store, from wherever the order is; InsufficientStock where it has too little."""
    by.need_store(assignment.store_id)
    stores.get(assignment.store_id)

    def once() -> None:
        rows = store.whole(order_id)
        order = store.in_rows(rows)
        order.need_scope(by)
        if order.store_id != assignment.store_id or order.held:
            to = Holding(store_id=assignment.store_id, units=order.unshipped())
            _move(rows, order, [to], by, reason=assignment.reason)

    again(once)
    again(lambda: order_lifecycle.prepare(order_id))
    return store.get(order_id)


def chase(order_id: str) -> bool:
    """Whether the order's store has let its time pass and is reminded now: once for each store that has it."""

    def remind() -> bool:
        order = store.get(order_id)
        if not order.needs_chase(settings_store.at_hand().settings.accept_time, clock.now()):
            return False
        with Unit() as unit:
            moves.chase_acceptance(unit, order)
        return True

    return again(remind)


def timeline(order_id: str, by: Caller) -> Timeline:
    """What was done for the order, and how long each step took."""
    rows, settings = store.whole(order_id), settings_store.at_hand().settings
    order, pick = store.in_rows(rows), parcels.pick_in_rows(rows)
    order.need_scope(by)
    printed = parcels.prints_in_rows(rows, order_id)
    done = [("picked", pick.picked_at, pick.picked_by)] if pick else []
    done.append(("printed", printed.printed_at, printed.printed_by))
    return handling.timeline(
        order,
        [Handled(step=step, at=at, by=who or "") for step, at, who in done if at],
        prints=printed.prints,
        accept_time=settings.accept_time if settings.confirm_by_hand else None,
        by=by,
    )


def _decline(order_id: str, declining: Declining, by: Caller) -> None:
    rows = store.whole(order_id)
    order = store.in_rows(rows)
    if order.has_gone_from(declining.store_id):
        return
    order.need_store(declining.store_id, by)
    if aftersales.open_in(rows):
        raise OpenCaseBlocks()
    try:
        _move(rows, order, _next_stores(order), by, reason=declining.reason, declined=True)
    except InsufficientStock:  # somebody else was quicker there: the next look will see it
        raise ChangedMeanwhile() from None


def _next_stores(order: Order) -> list[Holding]:
    """As checkout chooses, without the stores that have had it and would not."""
    to = order.address
    chosen = candidates_for(to.country, to.point, may=order.may_go_to, merchant_id=order.merchant_id)
    most_parts = settings_store.at_hand().settings.most_parts if order.intact else 1
    return shared_out([Lot(order.unshipped(), chosen)], most_parts)


def _move(
    rows: Rows, order: Order, holders: Sequence[Holding], by: Caller, *, reason: str, declined: bool = False
) -> None:
    """Order, reservation, money and pick task go together, in one transaction."""
    with Unit() as unit:
        unit.because(reason)
        moved = moves.hand_over(unit, order, holders, by=by.id, reason=reason if declined else None)
        inventory.move_reservation(unit, order.reserved(), moved.reserved())
        shipping.drop_pick(unit, order.order_id)
        charges.hand_over(unit, payment_store.in_rows(rows), moved.store_id)
