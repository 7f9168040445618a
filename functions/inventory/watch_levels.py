"""Follows every move of stock: the low-stock alert of the store, and what the product page shows."""

from souk.domains.inventory.events import StockMoved
from souk.domains.orders.events.moving import (
    OrderCancelled,
    OrderReassigned,
    OrderRemade,
    OrderRevived,
    OrderSplit,
    OrderUnassigned,
    UnitsDropped,
    UnitsSubstituted,
)
from souk.domains.orders.events.placing import OrderPlaced
from souk.domains.promotions.events import SaleEnded, SaleOpened
from souk.edge.task import on
from souk.flows import follow_stock


def watch_levels(fact: UnitsDropped | StockMoved) -> None:
    """A shipment takes what was reserved already: nothing that is available moves with it."""
    follow_stock.follow(fact.store_id, fact.units)


def watch_reserved(fact: OrderPlaced | OrderCancelled | OrderRevived) -> None:
    follow_stock.follow_everywhere((fact.store_id, *fact.also_at), fact.units)


def watch_both(fact: OrderReassigned | OrderUnassigned) -> None:
    """The reservation has gone from one store to another, or to several."""
    skus = sorted({line.sku for line in fact.lines} | {*fact.units})
    follow_stock.follow_everywhere((fact.from_store_id, fact.store_id, *fact.also_at), skus)


def watch_shared_out(fact: OrderSplit | OrderRemade) -> None:
    """Whoever split an order by hand may have moved what was reserved."""
    follow_stock.follow(fact.store_id, [line.sku for line in fact.lines])


def watch_substitute(fact: UnitsSubstituted) -> None:
    follow_stock.follow(fact.store_id, (fact.sku, fact.by_sku))


def watch_sale(fact: SaleOpened | SaleEnded) -> None:
    """Units were set aside for a sale, or came back from it."""
    follow_stock.follow(fact.store_id, [fact.sku])


handler = on(
    (OrderPlaced, watch_reserved),
    (OrderCancelled, watch_reserved),
    (OrderRevived, watch_reserved),
    (OrderReassigned, watch_both),
    (OrderUnassigned, watch_both),
    (UnitsDropped, watch_levels),
    (UnitsSubstituted, watch_substitute),
    (OrderSplit, watch_shared_out),
    (OrderRemade, watch_shared_out),
    (StockMoved, watch_levels),
    (SaleOpened, watch_sale),
    (SaleEnded, watch_sale),
)
