"""The time has come by which a store should have accepted its order or declined it."""

from souk.edge.task import task
from souk.edge.watch import count
from souk.flows import hand_over


def chase_acceptance(order_id: str) -> None:
    if hand_over.chase(order_id):
        count("AcceptancesOverdue")


handler = task(chase_acceptance)
