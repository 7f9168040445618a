"""The order of the goods that an exchange sends: what becomes of it moves its case, in the same transaction."""

from souk.domains.aftersales import store as cases
from souk.domains.aftersales.actions import returns as aftersales
from souk.domains.aftersales.model.exchange import after_replacement
from souk.domains.orders.model.order import Order
from souk.table.unit import Unit


def note_paid(unit: Unit, order: Order, by: str) -> None:
    """What its goods cost more is paid; what was bought before is still to come back."""
    aftersales.await_goods(unit, cases.get(order.exchange_of or ""), by)


def follow(unit: Unit, order: Order, by: str) -> None:
    """`order` as it is after its move."""
    to = after_replacement(order.status)
    if order.exchange_of is None or to is None:
        return
    case = cases.get(order.exchange_of)
    if case.status == "replacing":
        aftersales.move(unit, case, to, by)
