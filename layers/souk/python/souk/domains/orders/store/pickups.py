"""Pickups, as they are asked for."""

from souk.domains.orders.model.pickup import NotLaidOut, Pickup
from souk.table import ask, keys


def pickup(order_id: str) -> Pickup:
    return ask.get(keys.PICKUP, Pickup, NotLaidOut, order_id=order_id)
