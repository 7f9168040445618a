"""Ending an order, or the rest of one: the provider first, then order, stock and money in one transaction."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

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
from souk.kernel.caller import Caller
from souk.kernel.paying import RefundTo
from souk.table.again import again
from souk.table.ask import Rows
from souk.table.unit import ChangedMeanwhile, Unit


class Ending(NamedTuple):
    """Of an order, or of the rest of one: why and by whom, from which state alone, and where what was paid goes."""

    reason: str
    by: Caller
    only_from: str | None = None
    refund_to: RefundTo = "source"

    @property
    def asked(self) -> LettingGo:
        return LettingGo(reason=self.reason, by=self.by.id)


def cancel(order_id: str, ending: Ending) -> Order:
    """Unpaid: stock and payment are let go, and so where the money is only authorised. Paid: what has not left never
    will, and is owed back. Shipped: a Conflict.

    So is any other state than `only_from`, where that is given. Letting the payment go makes the provider tell of it,
    so the order may change under our hands. What the provider does not know, or has taken otherwise than it was due,
    ends by staff alone (`settle_payment.stopped`).
    """
    return again(lambda: _cancel(store.whole(order_id), ending))


def _cancel(rows: Rows, ending: Ending) -> Order:
    order, payment = store.in_rows(rows), payment_store.find_in(rows)
    if order.was_let_go(ending.asked):  # by whoever heard of it first
        return order
    promised = payment is not None and payment.status == "authorised"
    if ending.only_from and not (promised and order.letting_go == ending.asked):
        order.need_status(ending.only_from)
    end = _let_go if promised else _give_up if order.awaits_payment else _drop_rest
    try:
        return end(rows, order, order.held_for_sale(), ending)
    except SaleOver:  # what was set aside for it is the store's again
        return end(rows, order, None, ending)


def _drop_rest(rows: Rows, order: Order, share: SaleShare | None, ending: Ending) -> Order:
    named = {"refund_id": ids.derived("rfd", order.order_id), "cause": f"cancelled: {ending.reason}"}
    said = {"reason": ending.reason, "by": ending.by.id}
    with Unit() as unit:
        return drop_units.drop(
            unit, rows, order, order.unshipped(), **named, **said, share=share, refund_to=ending.refund_to
        )


def _give_up(rows: Rows, order: Order, share: SaleShare | None, ending: Ending) -> Order:
    payment = payment_store.in_rows(rows)
    if payment.live and at_hand().settings.authorises_first:  # it may be promised at this moment
        order = _asked(order, ending.asked)
    if not settle_payment.stopped(payment, ending.by):  # the buyer may be paying at this moment
        raise AlreadyPaid()
    with Unit() as unit:
        cancelled = moves.cancel(unit, order, reason=ending.reason, by=ending.by.id)
        drop_units.let_go(unit, order, cancelled, share)
        charges.void(unit, payment)
        return cancelled


def _let_go(rows: Rows, order: Order, share: SaleShare | None, ending: Ending) -> Order:
    order = _asked(order, ending.asked)
    if not settle_payment.stopped(payment_store.in_rows(rows), ending.by):
        raise ChangedMeanwhile()  # it has been taken at this very moment, and is owed back
    with Unit() as unit:
        return let_go.end(unit, rows, order, share, ending.asked)


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
            _cancel(rows, Ending("not paid in time", CLOCK))

    with suppress(AlreadyPaid, PaymentSetAside):  # at this very moment, or what staff have to look at
        again(close)


def close_overdue(before: datetime, most: int) -> Iterator[str | None]:
    """Each order whose deadline passed before that time, closed."""
    return sweep(payment_store.overdue(before, most), close_unpaid)
