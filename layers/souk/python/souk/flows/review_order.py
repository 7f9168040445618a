"""What staff decide of an order that is held for review: it goes on its ordinary way, or ends with its money back."""

from contextlib import suppress

from souk.domains.orders.actions import moves
from souk.domains.orders.model.order import Order
from souk.domains.orders.store import orders as store
from souk.domains.payments.model import regrouping
from souk.domains.payments.model.fund import MoneyGoneBack
from souk.domains.payments.model.payment import NotTaken
from souk.domains.payments.store import payments
from souk.flows import cancel_order, order_lifecycle
from souk.kernel.caller import Caller
from souk.kernel.paying import RefundTo
from souk.table.again import again
from souk.table.unit import Unit


def approve(order_id: str, by: Caller) -> Order:
    """Where it breaks off after the release, the sweeper prepares the order. One that is to be split is not released
    once some of its money has gone back: then it can only be rejected.
    """

    def release() -> None:
        order = store.for_staff(order_id, by)
        if order.held:
            regrouping.need_whole(payments.of_order(order_id))
        with Unit() as unit:
            moves.release(unit, order, by=by.id)

    again(release)
    with suppress(MoneyGoneBack, NotTaken):  # just now: whoever confirms it is told
        again(lambda: order_lifecycle.prepare(order_id))
    return store.get(order_id)


def reject(order_id: str, reason: str, refund_to: RefundTo, by: Caller) -> Order:
    """Only what is held still: an order that somebody else has released is cancelled by whoever means to."""
    store.for_staff(order_id, by)
    return cancel_order.cancel(order_id, cancel_order.Ending(reason, by, only_from="held", refund_to=refund_to))
