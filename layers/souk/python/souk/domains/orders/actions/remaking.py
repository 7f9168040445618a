"""Orders end and others have their goods: the parts of one, or one in the place of several."""

from collections.abc import Sequence
from datetime import datetime

from souk.domains.orders.actions.booking import book_sale, book_taken_back, sale_of
from souk.domains.orders.actions.saving import save_move
from souk.domains.orders.events import moving as events
from souk.domains.orders.model import regrouping
from souk.domains.orders.model.goods import Link
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Holding
from souk.kernel import clock, ids
from souk.table import keys
from souk.table.unit import Unit


def split(unit: Unit, order: Order, holders: Sequence[Holding], *, by: str) -> list[Order]:
    """An order for each of those who hold it; the one that was split ends."""
    regrouping.need_untouched(order)
    now = clock.now()
    links = [_link(order.placed_at, order.order_id, str(place)) for place in range(len(holders))]
    save_move(unit, order.moved("split", now, by).but(held=tuple(holders), became=tuple(links)))
    parts = [unit.save(keys.ORDER, part) for part in regrouping.parts(order, links, holders, now, by)]
    unit.tell(events.OrderSplit(**sale_of(order), numbers=tuple(link.number for link in links)))
    book_taken_back(unit, order, "split")
    for part in parts:
        book_sale(unit, part, part.bought)
        unit.tell(events.OrderRemade(**sale_of(part), came_from=(order.order_id,)))
    return parts


def merge(unit: Unit, orders: Sequence[Order], *, by: str) -> Order:
    """One order in the place of several, which end."""
    now = clock.now()
    order_ids = [order.order_id for order in orders]
    link = _link(min(order.placed_at for order in orders), *order_ids)
    into = unit.save(keys.ORDER, regrouping.merged(orders, link, now, by))
    unit.tell(events.OrderRemade(**sale_of(into), came_from=tuple(order_ids)))
    book_sale(unit, into, into.bought)
    for order in orders:
        book_taken_back(unit, order, "merged")
        save_move(unit, order.moved("merged", now, by).but(became=(link,)))
        unit.tell(events.OrderMerged(**sale_of(order), into=link.number))
    return into


def _link(placed_at: datetime, *parts: str) -> Link:
    """The name of an order made of others. Its number tells the same time as theirs, so they lie side by side."""
    return Link(order_id=ids.derived("ord", *parts), number=ids.order_number(placed_at))
