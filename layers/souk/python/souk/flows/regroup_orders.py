"""Orders split and merged: goods, reservations and money of what ends are those of what comes of it, to the cent."""

from collections.abc import Sequence

from souk.domains.inventory.actions import reservations as inventory
from souk.domains.orders.actions import remaking
from souk.domains.orders.model import regrouping
from souk.domains.orders.model.goods import by_store
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Holding
from souk.domains.orders.model.regrouping import Merging, Splitting
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import charges
from souk.domains.payments.model import regrouping as payments
from souk.domains.payments.model.fund import Share
from souk.domains.payments.store import payments as payment_store
from souk.domains.shipping import actions as shipping
from souk.domains.stores.store import stores
from souk.flows import due_review, replacement, settle_payment
from souk.kernel.caller import Caller
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import Unit


def split_held(order_id: str, by: str) -> None:
    """An order that several stores hold becomes one of each of theirs."""
    rows = store.whole(order_id)
    order = store.in_rows(rows)
    if order.awaits_split:
        _split(rows, order, order.held, by)


def split(order_id: str, splitting: Splitting, by: Caller) -> Order:
    """As staff share it out, wherever its goods lie; said twice it is split once. The order that was split."""
    for part in splitting.parts:
        by.need_store(part.store_id)
        stores.get(part.store_id)

    def once() -> None:
        rows = store.whole(order_id)
        order = store.in_rows(rows)
        order.need_scope(by)
        holders = regrouping.holdings(order, splitting)
        if not regrouping.split_before(order, holders):
            due_review.need_none(order)
            regrouping.need_room_to_move(order, holders)
            _split(rows, order, holders, by.id, reason=splitting.reason)

    again(once)
    return store.get(order_id)


def merge(merging: Merging, by: Caller) -> Order:
    """One order in the place of several; said twice they are merged once."""
    order_ids = regrouping.each_once(merging.order_ids)

    def once() -> Order:
        found = [store.whole(order_id) for order_id in order_ids]
        merged = [store.in_rows(rows) for rows in found]
        for order in merged:
            order.need_scope(by)
        if into := regrouping.merged_before(merged):
            return store.get(into.order_id)
        return _merge(found, merged, by, merging.reason)

    return again(once)


def _split(rows: Rows, order: Order, holders: Sequence[Holding], by: str, reason: str | None = None) -> None:
    regrouping.need_untouched(order)
    with Unit() as unit:
        unit.because(reason)
        parts = remaking.split(unit, order, holders, by=by)
        replacement.follow(unit, order.but(status="split"), by)
        shares = order.reserved(), by_store(holders)
        inventory.need_stock_to_move(*shares)  # what is refused takes no money
        inventory.move_reservation(unit, *shares)
        shipping.drop_pick(unit, order.order_id)
        rows = settle_payment.taken(rows, by)
        charges.divide(unit, payment_store.in_rows(rows), [_share(part) for part in parts])


def _merge(found: Sequence[Rows], merged: Sequence[Order], by: Caller, reason: str) -> Order:
    regrouping.need_alike(merged)
    with Unit() as unit:
        unit.because(reason)
        into = remaking.merge(unit, merged, by=by.id)
        for order in merged:
            replacement.follow(unit, order.but(status="merged"), by.id)
            shipping.drop_pick(unit, order.order_id)
        payments.need_room([payment_store.in_rows(rows) for rows in found])  # what is refused takes no money
        taken = [settle_payment.taken(rows, by.id) for rows in found]
        charges.join(unit, [payment_store.in_rows(rows) for rows in taken], _share(into))
        return into


def _share(order: Order) -> Share:
    return Share(
        order_id=order.order_id,
        store_id=order.store_id,
        merchant_id=order.merchant_id,
        amount_minor=order.total_minor,
    )
