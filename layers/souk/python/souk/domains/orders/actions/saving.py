"""How a move of an order is saved and booked, and what every fact of it says."""

from typing import Any

from souk.domains.orders.model.order import Order
from souk.kernel import clock
from souk.table import keys
from souk.table.unit import Unit


def save_move(unit: Unit, order: Order) -> Order:
    return unit.save(keys.ORDER, order.but(moved_at=clock.now()))


def about(order: Order) -> dict[str, Any]:
    names = ("order_id", "number", "buyer_id", "store_id", "merchant_id", "also_at", "placed_at")
    return {name: getattr(order, name) for name in names}
