"""What an order's store lacks: found, waited for, or replaced by other goods."""

from souk.domains.orders.actions.saving import about
from souk.domains.orders.events import moving as events
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.shortage import Shortage, Substitute
from souk.table import keys
from souk.table.unit import Unit


def mark_short(unit: Unit, order: Order, shortage: Shortage) -> Order:
    after = order.with_shortage(shortage)
    unit.because(shortage.reason)
    _tell_shortage(unit, order, shortage)
    return unit.save(keys.ORDER, after)


def ask_again(unit: Unit, order: Order, shortage: Shortage) -> Order:
    """The wait was in vain so far."""
    _tell_shortage(unit, order, shortage)
    return unit.save(keys.ORDER, order.with_moved(shortage))


def wait(unit: Unit, order: Order, shortage: Shortage) -> Order:
    unit.tell(
        events.ShortageWaits(
            **about(order),
            shortage_id=shortage.shortage_id,
            moves=shortage.moves,
            sku=shortage.sku,
            units=shortage.units,
            until=shortage.due,
        )
    )
    return unit.save(keys.ORDER, order.with_moved(shortage))


def substitute(unit: Unit, order: Order, shortage: Shortage, goods: Substitute) -> Order:
    """Other goods leave in the place of what is still missing; the caller reserves them and lets the missing go."""
    settled = order.with_moved(shortage.moved("substituted", taken=goods.sku))
    units = order.short()[shortage.sku]
    after = settled.with_substitute(shortage.sku, goods, units)
    unit.tell(
        events.UnitsSubstituted(
            **about(order),
            shortage_id=shortage.shortage_id,
            sku=shortage.sku,
            goods=order.line_of(shortage.sku).name,
            units=units,
            by_sku=goods.sku,
            by_goods=goods.name,
        )
    )
    return unit.save(keys.ORDER, after)


def _tell_shortage(unit: Unit, order: Order, shortage: Shortage) -> None:
    unit.tell(
        events.ShortageFound(
            **about(order),
            shortage_id=shortage.shortage_id,
            moves=shortage.moves,
            sku=shortage.sku,
            goods=order.line_of(shortage.sku).name,
            units=shortage.units,
            answer_by=shortage.answer_by,
        )
    )
