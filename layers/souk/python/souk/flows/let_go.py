"""A paid order ends whose money was only authorised: nothing was taken or booked, so nothing has to go back."""

from souk.domains.orders.actions import moves
from souk.domains.orders.model.goods import SaleShare
from souk.domains.orders.model.lifecycle import LettingGo
from souk.domains.orders.model.order import Order
from souk.domains.payments.actions import charges
from souk.domains.payments.store import payments as payment_store
from souk.domains.shipping import actions as shipping
from souk.flows import drop_units, refund
from souk.table.ask import Rows
from souk.table.unit import Unit


def end(unit: Unit, rows: Rows, order: Order, share: SaleShare | None, why: LettingGo) -> Order:
    """`rows` are the order's own, read with it; the provider holds its money no more."""
    payment, units = payment_store.in_rows(rows), order.unshipped()
    after = moves.drop(unit, order, units, reason=why.reason, by=why.by, taken=False, lapsed=why.lapsed)
    drop_units.let_go(unit, order, after, share)
    shipping.drop_pick(unit, order.order_id)
    charges.let_go(unit, payment, refund.sale_of(rows, order, units))
    return after
