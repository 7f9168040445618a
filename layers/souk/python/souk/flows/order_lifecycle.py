"""A paid order's life: what each step of the workflow does, what undoes it, and what every command shares with it."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from souk.domains.aftersales import store as aftersales
from souk.domains.orders.actions import lives, moves
from souk.domains.orders.model.lifecycle import GONE, TO_ACCEPT
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.refusals import OpenCaseBlocks
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import lives as life_store
from souk.domains.orders.store import orders as store
from souk.domains.payments.model.payment import PaymentLapsed
from souk.domains.shipping import actions as shipping
from souk.domains.stores.store.settings import at_hand
from souk.domains.stores.store.stores import all_ids
from souk.flows import due_review, regroup_orders
from souk.flows.sweep import sweep
from souk.gateways import workflows
from souk.kernel.caller import HEAD_OFFICE, system
from souk.table import audit
from souk.table.again import again
from souk.table.unit import Unit

UNDO = {"AwaitShipment": "UnprepareOrder"}
# Of split and merged orders too: executions that began before there were any know no other name.
ENDED = "OrderCancelled"


def prepare(order_id: str) -> None:
    """After payment: held where it is to be reviewed, otherwise split where several stores hold it; otherwise confirmed
    and laid out for picking, unless the shop confirms by hand. By the shop itself, whoever's command it follows from.
    """
    order, shop = store.get(order_id), system("prepare_order")
    if not (order.awaits_acceptance or order.awaits_split):
        return
    with audit.command(shop, "prepare_order"):
        if reasons := due_review.reasons(order):
            with Unit() as unit:
                moves.hold(unit, order, reasons, by=shop.id)
        elif order.awaits_split:
            with suppress(PaymentLapsed):  # the order has ended with that
                regroup_orders.split_held(order_id, by=shop.id)
        elif not at_hand().settings.confirm_by_hand:
            _confirm(order, by=shop.id)


def prepare_forgotten(before: datetime, most: int) -> Iterator[str | None]:
    """Each order that has been waiting to be accepted since before that time, prepared."""
    shops = [*all_ids(), HEAD_OFFICE]
    waiting = (card.order_id for status in TO_ACCEPT for card in order_lists.too_long(shops, status, before, most))
    return sweep(waiting, prepare)


def unprepare(order_id: str) -> None:
    """Nothing to pick any more; stock and money went back with the cancellation itself."""
    with Unit() as unit:
        shipping.drop_pick(unit, order_id)


def confirm(order: Order, by: str) -> Order:
    """By its store; not before a review that is due."""
    if order.awaits_acceptance:
        due_review.need_none(order)
    return _confirm(order, by)


def _confirm(order: Order, by: str) -> Order:
    with Unit() as unit:
        confirmed = moves.confirm(unit, order, by=by)
        shipping.make_pick(
            unit, order_id=order.order_id, number=order.number, store_id=order.store_id, units=order.unshipped()
        )
        return confirmed


def receive(order: Order, *, at: datetime, by: str) -> Order:
    with Unit() as unit:
        return moves.receive(unit, order, at=at, by=by, completion_time=at_hand().settings.completion_time)


def complete(order: Order, *, at: datetime, by: str) -> Order:
    """The end of it; not while an after-sales case is open."""
    if aftersales.has_open_case(order.order_id):
        raise OpenCaseBlocks()
    with Unit() as unit:
        return moves.complete(unit, order, at=at, by=by)


def wait_for_shipment(order_id: str, token: str) -> None:
    """Prepares the order first. Where that breaks off the step is tried again, and passes over what is done already."""
    prepare(order_id)
    _wait(order_id, "AwaitShipment", token)


def wait_for_receipt(order_id: str, token: str) -> None:
    store.get(order_id)  # nobody waits for an order that is not there
    _wait(order_id, "AwaitReceipt", token)


def tell(order_id: str) -> None:
    """Tells the waiting step what has happened meanwhile; one that does not wait yet asks by itself when it does."""
    order, life = store.get(order_id), life_store.life(order_id)
    for step, token in life.tokens.items():
        _answer(order, step, token)


def start(order_id: str, to_split: bool = False) -> None:
    """One workflow an order, named by it; a second start is the first one. Of a split one, each part has its own."""
    if to_split:
        again(lambda: prepare(order_id))
        return
    workflows.start("order_life", order_id, {"order_id": order_id})


def restart(order_id: str) -> None:
    """Another run for an order whose workflow was lost or parked: its steps pass over what is done already.

    What breaks off on the way leaves it parked, for all to see.
    """
    life = again(lambda: lives.next_run(life_store.life(order_id)))
    workflows.start("order_life", f"{order_id}-{life.run}", {"order_id": order_id})
    again(lambda: lives.unpark(life_store.life(order_id)))


def park(order_id: str, failure: str) -> None:
    """A step has failed after all its tries."""
    again(lambda: _park(order_id, failure))


def _park(order_id: str, failure: str) -> None:
    order, life = store.get(order_id), life_store.life(order_id)
    with Unit() as unit:
        lives.park(unit, order, life, failure)


def _wait(order_id: str, step: str, token: str) -> None:
    # The token is kept before the order is read: what happens after that finds it, what happened before is read.
    lives.keep_token(life_store.life(order_id), step, token)
    _answer(store.get(order_id), step, token)


def _answer(order: Order, step: str, token: str) -> None:
    if order.status in GONE:
        workflows.turn(token, ENDED, order.cancel_reason or order.status)
    elif order.is_past(step):
        workflows.go_on(token, {"order_id": order.order_id})
