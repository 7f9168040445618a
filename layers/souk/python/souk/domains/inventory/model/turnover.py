"""How fast stock turns over: what was sold in a period against what lay there."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from souk.kernel import masking, money
from souk.kernel.errors import Refused
from souk.kernel.masking import Guarded
from souk.kernel.shapes import Noun, Texts

MOST_PLACES = 2_000
_GUARD = Guarded("catalog.cost", masking.hidden)
CostMinor = Annotated[int | None, _GUARD]


class TooManyPlaces(Refused):
    title = "These products lie in too many places; ask for fewer of them, or for one store"


class SkuPeriod(NamedTuple):
    """A SKU in the stores that were asked for: now, at both ends of the period, and what was sold between them."""

    on_hand: int
    opening: int
    closing: int
    sold: int
    cost_minor: int | None


class ProductTurnover(Noun):
    """A product's stock in a period.

    `sold` are units of paid orders less those given back. `cogs_minor` is what the sold ones cost the shop,
    `average_stock_minor` the mean of opening and closing stock at cost, and the turnover their ratio: inventory
    turnover as accountants have it. The cost is that of today; where one of the SKUs has none, the figures are null.
    """

    product_id: str
    code: str
    name: Texts
    on_hand: int
    opening: int
    closing: int
    sold: int
    cogs_minor: CostMinor
    average_stock_minor: CostMinor
    turnover_basis_points: Annotated[int | None, _GUARD]


def turnover(product_id: str, code: str, name: Texts, skus: Sequence[SkuPeriod]) -> ProductTurnover:
    cogs = both_ends = None
    if all(sku.cost_minor is not None for sku in skus):
        cogs = sum(sku.sold * (sku.cost_minor or 0) for sku in skus)
        both_ends = sum((sku.opening + sku.closing) * (sku.cost_minor or 0) for sku in skus)
    return ProductTurnover(
        product_id=product_id,
        code=code,
        name=name,
        on_hand=sum(sku.on_hand for sku in skus),
        opening=sum(sku.opening for sku in skus),
        closing=sum(sku.closing for sku in skus),
        sold=sum(sku.sold for sku in skus),
        cogs_minor=cogs,
        average_stock_minor=None if both_ends is None else money.divide(both_ends, 2),
        turnover_basis_points=money.divide(2 * (cogs or 0) * money.BASIS_POINTS, both_ends) if both_ends else None,
    )


def need_few(places: int) -> None:
    if places > MOST_PLACES:
        raise TooManyPlaces(places=places, most=MOST_PLACES)
