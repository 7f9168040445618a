"""Work out from the files alone what a shop that replayed them must report, and compare it with what it does.

The judge of the shop's arithmetic: it shares no code with it, and knows whole minor units only.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import zip_longest

from infra.local.replay.layout import Line, Order

TOP = 10


@dataclass(frozen=True)
class Figures:
    """What the shop's reports say of a list of orders.

    Goods are gross less discount, without freight; countries are those shipped to; months (1996-07) and days
    (1996-07-04) are those of the order; rankings go from the most to the least, equal ones by SKU.
    """

    orders: int
    units: int
    gross_minor: int
    discount_minor: int
    goods_minor: int
    freight_minor: int
    shipped: int
    not_shipped: int
    top_by_units: tuple[tuple[str, int], ...]
    top_by_goods_minor: tuple[tuple[str, int], ...]
    goods_minor_by_country: dict[str, int]
    goods_minor_by_month: dict[str, int]
    goods_minor_by_day: dict[str, int]


def figures_of(orders: Iterable[Order]) -> Figures:
    orders = list(orders)
    sales = [(order, line) for order in orders for line in order.lines]
    gross_minor = sum(_gross_minor(line) for _, line in sales)
    discount_minor = sum(_discount_minor(line) for _, line in sales)
    shipped = sum(order.shipped_on is not None for order in orders)

    def goods_minor_by(key: Callable[[Order, Line], str]) -> dict[str, int]:
        return _sums((key(order, line), _gross_minor(line) - _discount_minor(line)) for order, line in sales)

    return Figures(
        orders=len(orders),
        units=sum(line.quantity for _, line in sales),
        gross_minor=gross_minor,
        discount_minor=discount_minor,
        goods_minor=gross_minor - discount_minor,
        freight_minor=sum(order.freight_minor for order in orders),
        shipped=shipped,
        not_shipped=len(orders) - shipped,
        top_by_units=_top(units_by_sku(orders)),
        top_by_goods_minor=_top(goods_minor_by(lambda _, line: line.sku)),
        goods_minor_by_country=goods_minor_by(lambda order, _: order.ship_to.country),
        goods_minor_by_month=goods_minor_by(lambda order, _: order.ordered_on.isoformat()[:7]),
        goods_minor_by_day=goods_minor_by(lambda order, _: order.ordered_on.isoformat()),
    )


def units_by_sku(orders: Iterable[Order]) -> dict[str, int]:
    """What the shop must have in stock to serve these orders."""
    return _sums((line.sku, line.quantity) for order in orders for line in order.lines)


def differences(expected: Figures, reported: Figures) -> list[str]:
    """One sentence for each figure that differs; in a series, a key that is missing counts as 0."""
    found: list[str] = []
    for name in (field.name for field in fields(Figures)):
        ours, theirs = getattr(expected, name), getattr(reported, name)
        if isinstance(ours, dict):
            pairs = {f" {key}": (ours.get(key, 0), theirs.get(key, 0)) for key in sorted({*ours, *theirs})}
        elif isinstance(ours, tuple):
            pairs = {f" #{place}": pair for place, pair in enumerate(zip_longest(ours, theirs), start=1)}
        else:
            pairs = {"": (ours, theirs)}
        found += [f"{name}{at}: {a} by the files, {b} by the report" for at, (a, b) in pairs.items() if a != b]
    return found


def _gross_minor(line: Line) -> int:
    return line.unit_price_minor * line.quantity


def _discount_minor(line: Line) -> int:
    """The line's discount, rounded half up to the minor unit in whole numbers."""
    numerator, denominator = line.discount.as_integer_ratio()
    return (2 * _gross_minor(line) * numerator + denominator) // (2 * denominator)


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    totals: defaultdict[str, int] = defaultdict(int)
    for key, amount in amounts:
        totals[key] += amount
    return dict(sorted(totals.items()))


def _top(totals: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:TOP])
