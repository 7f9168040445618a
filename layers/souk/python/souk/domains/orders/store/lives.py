"""The lives of orders, as they are asked for."""

from souk.domains.orders.model.lifecycle import Life
from souk.table import ask, keys


def life(order_id: str) -> Life:
    return ask.find(keys.LIFE, Life, order_id=order_id) or Life(order_id=order_id)
