"""Timer: the time has come for a sale to open or to close."""

from souk.edge.task import task
from souk.flows import flash_sale


def apply_sale(sale_id: str) -> None:
    flash_sale.catch_up(sale_id)


handler = task(apply_sale)
