"""Ending an order before it goes out: the provider first, then order, stock and money in one transaction."""

from souk.domains.inventory import actions as inventory
from souk.domains.orders import actions as orders
from souk.domains.orders import store
from souk.domains.orders.model.order import AlreadyPaid, Order
from souk.domains.payments import actions as payments
from souk.domains.payments import store as payment_store
from souk.domains.shipping import actions as shipping
from souk.flows import refund, settle_payment
from souk.table.unit import Unit


def cancel(order_id: str, *, reason: str, by: str) -> Order:
    """Unpaid: stock and payment are let go. Paid: everything paid is owed back. Shipped: a Conflict."""
    rows = store.whole(order_id)
    order, payment = store.in_rows(rows), payment_store.in_rows(rows)
    if order.status == "awaiting_payment":
        # The buyer may be paying at this moment: after this the provider takes no money, or has taken it.
        intent = payments.stop(payment)
        if intent is not None:
            settle_payment.settle(order_id, intent, source=by)
            raise AlreadyPaid()
    with Unit() as unit:
        cancelled = orders.cancel(unit, order, reason=reason, by=by)
        inventory.release(unit, order.store_id, order.unshipped())
        shipping.drop_pick(unit, order_id)
        if order.at_least("paid"):
            refund.owe_all(unit, order, payment, cause=f"cancelled: {reason}")
        else:
            payments.void(unit, payment)
        return cancelled


def close_unpaid(order_id: str) -> None:
    """The deadline has come: paid orders stay, unpaid ones end. Whatever fires asks the state again."""
    order = store.get(order_id)
    if order.status != "awaiting_payment":
        return
    try:
        cancel(order_id, reason="not paid in time", by="system:close_unpaid")
    except AlreadyPaid:
        return
