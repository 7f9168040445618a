"""Redrive of all: every open order gets a fresh workflow, as after the loss of the running ones."""

from souk.edge.task import task
from souk.flows import order_lifecycle


def restart_lives() -> int:
    """How many were started."""
    started = 0
    for order_id in order_lifecycle.open_orders():
        order_lifecycle.restart(order_id)
        started += 1
    return started


handler = task(restart_lives)
