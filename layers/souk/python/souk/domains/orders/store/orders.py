"""Orders, as they are asked for."""

from souk.domains.orders.model.order import Order
from souk.domains.orders.model.refusals import NoSuchOrder
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.ask import Rows


def find(order_id: str) -> Order | None:
    return ask.find(keys.ORDER, Order, order_id=order_id)


def get(order_id: str) -> Order:
    return only(find(order_id))


def whole(order_id: str) -> Rows:
    """The order with its payment, refunds, parcels and tasks: one query."""
    return ask.ask(patterns.ORDER_WHOLE, order_id=order_id)


def in_rows(rows: Rows) -> Order:
    return only(rows.one(keys.ORDER, Order))


def only(order: Order | None) -> Order:
    if order is None:
        raise NoSuchOrder()
    return order


def for_staff(order_id: str, by: Caller) -> Order:
    """The order, if it is one of the caller's stores."""
    order = get(order_id)
    order.need_scope(by)
    return order


def for_buyer(order_id: str, by: Caller) -> Order:
    order = get(order_id)
    order.need_buyer(by)
    return order
