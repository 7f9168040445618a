"""How a move of an order is saved and booked, and what every fact of it says."""

from collections.abc import Mapping
from typing import Any

from souk.domains.orders import events
from souk.domains.orders.model.goods import OrderLine
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import FREIGHT, TAX
from souk.kernel import clock
from souk.kernel.journal import JournalEntry
from souk.table import keys
from souk.table.unit import Unit


def save_move(unit: Unit, order: Order) -> Order:
    return unit.save(keys.ORDER, order.but(moved_at=clock.now()))


def book(unit: Unit, order: Order, cause: str, moves: Mapping[str, int]) -> None:
    entry = JournalEntry.of(
        order.order_id, cause, at=clock.now(), store_id=order.store_id, currency=order.currency, moves=moves
    )
    unit.book(entry)


def about(order: Order) -> dict[str, Any]:
    names = ("order_id", "number", "buyer_id", "store_id", "also_at", "placed_at")
    return {name: getattr(order, name) for name in names}


def sale_of(order: Order) -> dict[str, Any]:
    return about(order) | {
        "country": order.counted_in.country,
        "region": order.counted_in.region,
        "lines": tuple(sold_line(line) for line in order.bought),
        "total_minor": order.total_minor,
    }


def sold_line(line: OrderLine) -> events.SoldLine:
    return events.SoldLine(
        sku=line.sku,
        product_id=line.product_id,
        name=line.name,
        units=line.quantity,
        goods_minor=line.net_minor,
        discount_minor=line.discount_minor,
        freight_minor=line.of(FREIGHT),
        tax_minor=line.of(TAX),
    )
