"""Orders that their buyers fetch: laid out in the store, handed out for a code, or taken back when the time is over."""

from collections.abc import Iterator
from datetime import datetime

from souk.domains.inventory.actions import stock as inventory
from souk.domains.orders.actions import moves, pickups
from souk.domains.orders.model.buyer_view import BuyerOrderView
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.pickup import HandOut, Pickup
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders as store
from souk.domains.orders.store import pickups as pickup_store
from souk.domains.shipping import actions as shipping
from souk.domains.shipping import store as parcels
from souk.domains.stores.store.settings import at_hand
from souk.domains.stores.store.stores import all_ids
from souk.flows import cancel_order, cost_of_goods, settle_payment
from souk.flows.sweep import sweep
from souk.kernel import clock
from souk.kernel.caller import Caller, system
from souk.kernel.states import NotInThatState
from souk.table.again import again
from souk.table.unit import Unit


def lay_out(order_id: str, by: Caller) -> Order:
    """The goods wait for their buyer from now on; they stay reserved."""

    def once() -> Order:
        rows = store.whole(order_id)
        order, pick = store.in_rows(rows), parcels.pick_in_rows(rows)
        order.need_scope(by)
        with Unit() as unit:
            ready = pickups.lay_out(unit, order, by=by.id, pickup_time=at_hand().settings.pickup_time)
            if pick and pick.status == "open":
                shipping.mark_picked(unit, pick, by)
            return ready

    return again(once)


def hand_out(order_id: str, handed: HandOut, by: Caller) -> Order:
    """The goods leave with their buyer; a try of the code counts before it is looked at."""
    order = store.for_staff(order_id, by)
    order.need_store(handed.store_id, by)
    order.need_waiting()
    if handed.code:
        pickup_store.pickup(order_id).need_time(clock.now())
        pickups.count_try(order_id)
    else:
        by.need("orders.override")
    return again(lambda: _hand_out(order_id, handed, by))


def issue_code(order_id: str, by: Caller) -> Pickup:
    """Another code, and with it new tries; the buyer finds it in the order, and the one before is good no more."""
    store.for_staff(order_id, by).need_waiting()
    return again(lambda: pickups.issue_code(pickup_store.pickup(order_id)))


def read(order_id: str, by: Caller) -> Pickup:
    store.for_staff(order_id, by)
    return pickup_store.pickup(order_id)


def shown_to_buyer(order: Order) -> BuyerOrderView:
    """With the code, while the goods wait."""
    slip = pickups.slip(pickup_store.pickup(order.order_id)) if order.status == "ready" else None
    return BuyerOrderView.of(order, slip)


def chase(order_id: str) -> None:
    """The buyer is reminded once; when the time is over the goods go back, and the money. Whatever fires asks again."""
    again(lambda: _chase(order_id))


def chase_forgotten(before: datetime, most: int) -> Iterator[str | None]:
    """Each order that should have been fetched before that time, chased."""
    since = before - at_hand().settings.pickup_time
    return sweep((card.order_id for card in order_lists.too_long(all_ids(), "ready", since, most)), chase)


def _hand_out(order_id: str, handed: HandOut, by: Caller) -> Order:
    rows = store.whole(order_id)
    if handed.code:
        pickup = pickup_store.pickup(order_id)
        pickup.need_code(handed.code, pickups.slip(pickup).code)
    order = store.in_rows(rows)
    order.fetched(clock.now(), by.id)  # what is refused takes no money
    settle_payment.taken(rows, by.id)
    with Unit() as unit:
        unit.because(handed.reason)
        cost_of_goods.book_out(unit, order, order.unshipped(), "pickup")
        inventory.hand_out(unit, order.store_id, order.unshipped(), order_id=order_id, by=by.id)
        return moves.fetch(unit, order, by=by.id, completion_time=at_hand().settings.completion_time)


def _chase(order_id: str) -> None:
    order = store.get(order_id)
    if order.status != "ready":
        return
    pickup, now = pickup_store.pickup(order_id), clock.now()
    if pickup.is_over(now):
        _take_back(order_id)
    elif pickup.needs_reminder(now):
        with Unit() as unit:
            pickups.remind(unit, order, pickup)


def _take_back(order_id: str) -> None:
    try:
        cancel_order.cancel(order_id, cancel_order.Ending("not fetched in time", system("chase_pickup")))
    except NotInThatState:  # the buyer was there at the last moment
        return
