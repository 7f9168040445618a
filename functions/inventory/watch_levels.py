"""Follows every move of stock: the low-stock alert of the store, and what the product page shows."""

from souk.domains.inventory.events import StockMoved
from souk.domains.orders.events import (
    OrderCancelled,
    OrderPlaced,
    OrderReassigned,
    OrderUnassigned,
    UnitsDropped,
    UnitsSubstituted,
)
from souk.edge.task import on
from souk.flows import follow_stock


def watch_levels(fact: OrderPlaced | OrderCancelled | UnitsDropped | StockMoved) -> None:
    """A shipment takes what was reserved already: nothing that is available moves with it."""
    follow_stock.follow(fact.store_id, fact.units)


def watch_both(fact: OrderReassigned | OrderUnassigned) -> None:
    """The reservation has gone from one store to another."""
    skus = {line.sku for line in fact.lines} | {*fact.units}
    follow_stock.follow(fact.from_store_id, skus)
    follow_stock.follow(fact.store_id, skus)


def watch_substitute(fact: UnitsSubstituted) -> None:
    follow_stock.follow(fact.store_id, (fact.sku, fact.by_sku))


handler = on(
    (OrderPlaced, watch_levels),
    (OrderCancelled, watch_levels),
    (OrderReassigned, watch_both),
    (OrderUnassigned, watch_both),
    (UnitsDropped, watch_levels),
    (UnitsSubstituted, watch_substitute),
    (StockMoved, watch_levels),
)
