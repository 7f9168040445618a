"""Timer: goods have waited for half of their time for the buyer, or for all of it."""

from souk.edge.task import task
from souk.flows import pickup


def chase_pickup(order_id: str) -> None:
    pickup.chase(order_id)


handler = task(chase_pickup)
