"""Follows every move of stock: the low-stock alert of the store, and what the product page shows."""

from souk.domains.inventory.events import StockMoved
from souk.domains.orders.events import OrderCancelled, OrderPlaced
from souk.edge.task import on
from souk.flows import follow_stock
from souk.table.unit import Unit


def watch_levels(fact: OrderPlaced | OrderCancelled | StockMoved, unit: Unit) -> None:
    """A shipment takes what was reserved already: nothing that is available moves with it."""
    follow_stock.follow(fact.store_id, fact.units)


handler = on((OrderPlaced, watch_levels), (OrderCancelled, watch_levels), (StockMoved, watch_levels))
