"""Timer: nobody has said what to do about a shortage, or the buyer's wait is over."""

from souk.edge.task import task
from souk.flows import shortages


def mind_shortage(order_id: str, shortage_id: str, moves: int) -> None:
    shortages.mind(order_id, shortage_id, moves)


handler = task(mind_shortage)
