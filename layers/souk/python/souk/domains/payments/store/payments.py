"""Payments, as they are asked for."""

from datetime import datetime

from souk.domains.payments.model.payment import NoSuchPayment, Payment
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.shapes import Noun
from souk.table import ask, keys, patterns
from souk.table.ask import Rows


class _PaymentCard(Noun):
    order_id: str


def find(order_id: str) -> Payment | None:
    return ask.find(keys.PAYMENT, Payment, order_id=order_id)


def find_in(rows: Rows) -> Payment | None:
    """None where the goods were paid for with others that came back for them."""
    return rows.one(keys.PAYMENT, Payment)


def in_rows(rows: Rows) -> Payment:
    """The payment among the rows of its order."""
    return _only(find_in(rows))


def of_order(order_id: str) -> Payment:
    return _only(find(order_id))


def for_buyer(order_id: str, by: Caller) -> Payment:
    payment = of_order(order_id)
    payment.need_buyer(by)
    return payment


def for_staff(order_id: str, by: Caller) -> Payment:
    payment = of_order(order_id)
    payment.need_scope(by)
    return payment


def awaited(most: int) -> list[str]:
    """Orders whose payment has no outcome yet, the first deadline first."""
    return _orders("awaited", most)


def overdue(before: datetime, most: int) -> list[str]:
    """Of those, the orders whose deadline was before that time."""
    return _orders("awaited", most, until=clock.text(before))


def to_take(until: datetime, most: int) -> list[str]:
    """Orders whose money is authorised, and is to be taken by that time."""
    return _orders("authorised", most, until=clock.text(until))


def held(most: int) -> list[str]:
    """Orders for which money came late that nobody has decided about."""
    return _orders("held", most)


def _orders(awaited: str, most: int, **until: str) -> list[str]:
    rows = ask.ask(patterns.PAYMENTS_AWAITED, awaited=awaited, limit=most, **until)
    return [card.order_id for card in rows.all(keys.PAYMENT, _PaymentCard)]


def _only(payment: Payment | None) -> Payment:
    if payment is None:
        raise NoSuchPayment()
    return payment
