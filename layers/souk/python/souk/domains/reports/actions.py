"""Counting: what each fact of an order adds to the counters of its day."""

from typing import Any

from souk.domains.reports.model import Purchase, Return, Sale, region_key
from souk.table import keys
from souk.table.unit import Unit


def count_purchase(unit: Unit, bought: Purchase, sign: int = 1) -> None:
    figures = {name: sign * figure for name, figure in bought.figures().items()}
    _count_day(unit, bought, **figures)
    _count_region(unit, bought, **{name: figures[name] for name in keys.REGION_SALES.numbers if name in figures})
    for line in bought.lines:
        # The name is kept as it was last sold; a row of returns has none, so that it takes none away.
        name = line.name.model_dump(exclude_none=True)
        _count_product(unit, bought, line.sku, "sold", sign * line.units, sign * line.goods_minor, name=name)


def take_purchase_back(unit: Unit, bought: Purchase) -> None:
    """What became other orders is counted as those."""
    count_purchase(unit, bought, sign=-1)


def move_purchase(unit: Unit, bought: Purchase, from_store_id: str) -> None:
    """Another store serves what was bought: the sale is its own, as if it had always been."""
    count_purchase(unit, bought.but(store_id=from_store_id), sign=-1)
    count_purchase(unit, bought)


def count_return(unit: Unit, returned: Return, amount_minor: int, sign: int = 1) -> None:
    """`amount_minor` is the whole of what went back: goods, freight and tax."""
    _count_day(unit, returned, refunded_orders=sign * returned.first, refunded_minor=sign * amount_minor)
    _count_region(unit, returned, refunded_minor=sign * amount_minor)
    for line in returned.lines:
        _count_product(unit, returned, line.sku, "returned", sign * line.units, sign * line.goods_minor)


def count_return_back(unit: Unit, returned: Return, amount_minor: int) -> None:
    """The provider took back what it had said: as if nothing had been returned."""
    count_return(unit, returned, amount_minor, sign=-1)


def count_completed(unit: Unit, sale: Sale) -> None:
    _count_day(unit, sale, completed=1)


def count_cancelled(unit: Unit, sale: Sale) -> None:
    """Of paid orders only: one that nobody paid was never counted."""
    _count_day(unit, sale, cancelled=1)


def _count_day(unit: Unit, sale: Sale, **figures: int) -> None:
    unit.change(
        keys.DAY_SALES, add=figures, month=sale.month, order_id=sale.order_id, day=sale.day, store_id=sale.place
    )


def _count_region(unit: Unit, sale: Purchase | Return, **figures: int) -> None:
    unit.change(
        keys.REGION_SALES,
        add=figures,
        month=sale.month,
        order_id=sale.order_id,
        day=sale.day,
        country=sale.country,
        region=region_key(sale.region),
        store_id=sale.place,
    )


def _count_product(unit: Unit, sale: Sale, sku: str, side: str, units: int, goods_minor: int, **known: Any) -> None:
    unit.change(
        keys.PRODUCT_SALES,
        add={"units": units, "goods_minor": goods_minor},
        month=sale.month,
        order_id=sale.order_id,
        day=sale.day,
        sku=sku,
        store_id=sale.place,
        side=side,
        **known,
    )
