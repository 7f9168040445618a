"""Ending an order, or the rest of one: the provider first, then order, stock and money in one transaction."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial

from souk.domains.orders.actions import moves
from souk.domains.orders.model.goods import SaleShare
from souk.domains.orders.model.lifecycle import LettingGo
from souk.domains.orders.model.order import CLOCK, Order
from souk.domains.orders.model.refusals import AlreadyPaid
from souk.domains.orders.store import orders as store
from souk.domains.payments.actions import charges
from souk.domains.payments.model.payment import PaymentSetAside
from souk.domains.payments.store import payments as payment_store
from souk.domains.promotions.model.flash_sale import SaleOver
from souk.domains.stores.store.settings import at_hand
from souk.flows import drop_units, let_go, settle_payment, top_up
from souk.flows.sweep import sweep
from souk.kernel import ids
from souk.kernel.paying import RefundTo
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import ChangedMeanwhile, Unit


def cancel(
    order_id: str,
    *,
    reason: str,
    by: str,
    by_staff: bool = False,
    only_from: str | None = None,
    refund_to: RefundTo = "source",
) -> Order:
    """Unpaid: stock and payment are let go, and so where the money is only authorised. Paid: what has not left never
    will, and is owed back. Shipped: a Conflict.

    So is any other state than `only_from`, where that is given. Letting the payment go makes the provider tell of it,
    so the order may change under our hands. What the provider does not know, or has taken otherwise than it was due,
    ends by staff alone (`settle_payment.stopped`).
    """
    return again(lambda: _cancel(store.whole(order_id), reason, by, by_staff, only_from, refund_to))


def _cancel(
    rows: Rows,
    reason: str,
    by: str,
    by_staff: bool = False,
    only_from: str | None = None,
    refund_to: RefundTo = "source",
) -> Order:
    order, payment, asked = store.in_rows(rows), payment_store.find_in(rows), LettingGo(reason=reason, by=by)
    if order.was_let_go(asked):  # by whoever heard of it first
        return order
    promised = payment is not None and payment.status == "authorised"
    if only_from and not (promised and order.letting_go == asked):
        order.need_status(only_from)
    if promised or order.awaits_payment:
        end = partial(_let_go if promised else _give_up, by_staff)
    else:
        end = partial(_drop_rest, refund_to)
    try:
        return end(rows, order, order.held_for_sale(), reason, by)
    except SaleOver:  # what was set aside for it is the store's again
        return end(rows, order, None, reason, by)


def _drop_rest(refund_to: RefundTo, rows: Rows, order: Order, share: SaleShare | None, reason: str, by: str) -> Order:
    named = {"refund_id": ids.derived("rfd", order.order_id), "cause": f"cancelled: {reason}"}
    with Unit() as unit:
        return drop_units.drop(
            unit, rows, order, order.unshipped(), **named, reason=reason, by=by, share=share, refund_to=refund_to
        )


def _give_up(by_staff: bool, rows: Rows, order: Order, share: SaleShare | None, reason: str, by: str) -> Order:
    payment = payment_store.in_rows(rows)
    if payment.live and at_hand().settings.capture != "at_once":  # it may be authorised at this moment
        order = _asked(order, LettingGo(reason=reason, by=by))
    if not settle_payment.stopped(payment, by, by_staff=by_staff):  # the buyer may be paying at this moment
        raise AlreadyPaid()
    with Unit() as unit:
        cancelled = moves.cancel(unit, order, reason=reason, by=by)
        drop_units.let_go(unit, order, cancelled, share)
        charges.void(unit, payment)
        return cancelled


def _let_go(by_staff: bool, rows: Rows, order: Order, share: SaleShare | None, reason: str, by: str) -> Order:
    asked = LettingGo(reason=reason, by=by)
    order = _asked(order, asked)
    if not settle_payment.stopped(payment_store.in_rows(rows), by, by_staff=by_staff):
        raise ChangedMeanwhile()  # it has been taken at this very moment, and is owed back
    with Unit() as unit:
        return let_go.end(unit, rows, order, share, asked)


def _asked(order: Order, asked: LettingGo) -> Order:
    """Before the provider is asked, whose webhook may be quicker than we are."""
    if order.letting_go == asked:
        return order
    with Unit() as unit:
        return moves.ask_to_let_go(unit, order, asked)


def close_unpaid(order_id: str) -> None:
    """The deadline has come: paid orders stay, unpaid ones end. Whatever fires asks the state again."""

    def close() -> None:
        rows = store.whole(order_id)
        payment = payment_store.in_rows(rows)
        # As read here and nowhere else: one that is paid a moment later must not end as a paid order does.
        if payment.top_up:
            top_up.close(payment)
        elif store.in_rows(rows).awaits_payment:
            _cancel(rows, "not paid in time", CLOCK)

    with suppress(AlreadyPaid, PaymentSetAside):  # at this very moment, or what staff have to look at
        again(close)


def close_overdue(before: datetime, most: int) -> Iterator[str | None]:
    """Each order whose deadline passed before that time, closed."""
    return sweep(payment_store.overdue(before, most), close_unpaid)
