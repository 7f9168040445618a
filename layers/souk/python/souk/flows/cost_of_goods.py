"""What goods had cost the shop: spent when they leave it, and taken back where they lie in it again.

What a merchant's goods had cost is the merchant's to know.
"""

from collections.abc import Mapping

from souk.domains.catalog.store import offers as catalog
from souk.domains.orders.actions import moves
from souk.domains.orders.model.order import Order
from souk.table.unit import Unit


def book_out(unit: Unit, order: Order, units: Mapping[str, int], parcel: str) -> None:
    """At what a unit costs today: what one cost when it was bought is not kept."""
    moves.book_goods_out(unit, order, units, _costs(order, units), parcel)


def book_in(unit: Unit, order: Order, units: Mapping[str, int], case_id: str) -> None:
    moves.book_goods_in(unit, order, units, _costs(order, units), case_id)


def _costs(order: Order, units: Mapping[str, int]) -> dict[str, int]:
    own = {line.sku: line.product_id for line in order.lines if line.sku in units and line.merchant_id is None}
    return catalog.costs(own)
