"""What an order's sale, and what is credited of it later, move on the accounts of the shop."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from souk.domains.orders.model.goods import OrderLine
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import DISCOUNTS, FREIGHT, GOODS, TAX
from souk.kernel.journal import earned

OWN = "own"  # whose goods are sold: the retailer's


def sale(lines: Iterable[OrderLine]) -> dict[str, int]:
    """The buyer owes what the lines cost: goods by their gross, each kind of discount by itself, freight and tax."""
    moves: Counter[str] = Counter()
    for line in lines:
        moves[f"revenue:{OWN}"] -= line.of(GOODS)
        moves["freight"] -= line.of(FREIGHT)
        moves["tax"] -= line.of(TAX)
        for kind in DISCOUNTS:
            moves[f"discounts:{kind}"] -= line.of(kind)
    return _owed(moves)


def taken_back(lines: Iterable[OrderLine]) -> dict[str, int]:
    """As if they had not been sold: what became other orders is sold as those."""
    return {account: -minor for account, minor in sale(lines).items()}


def credit(order: Order, units: Mapping[str, int], deducted: Mapping[str, int]) -> dict[str, int]:
    """What is credited for so many more units of the order: what they are refunded with, and what is deducted."""
    moves: Counter[str] = Counter()
    for line in order.lines:
        if count := units.get(line.sku, 0):
            goods, tax = line.goods_worth(count), line.tax_worth(count)
            moves[f"refunds:{OWN}"] += goods
            moves["tax"] += tax
            moves["freight"] += line.worth(count) - goods - tax
            moves["other_income"] -= deducted.get(line.sku, 0)
    return _owed(moves)


def goods_out(units: Mapping[str, int], costs: Mapping[str, int]) -> dict[str, int]:
    """What so many units had cost is spent; of what nobody knows the cost, nothing is."""
    cost = sum(_costs(units, costs).values())
    return {"cost_of_goods": cost, "stock": -cost}


def spent_by_sku(units: Mapping[str, int], costs: Mapping[str, int]) -> dict[str, int]:
    return {sku: -cost for sku, cost in _costs(units, costs).items()}


def earned_by_sku(
    moves: Callable[[tuple[OrderLine, ...]], Mapping[str, int]], lines: Iterable[OrderLine]
) -> dict[str, int]:
    """What each line earns by itself."""
    return {line.sku: earned(moves((line,))) for line in lines}


def credited_by_sku(order: Order, units: Mapping[str, int], deducted: Mapping[str, int]) -> dict[str, int]:
    return earned_by_sku(lambda lines: credit(order.but(lines=lines), units, deducted), order.lines)


def _costs(units: Mapping[str, int], costs: Mapping[str, int]) -> dict[str, int]:
    return {sku: count * costs.get(sku, 0) for sku, count in units.items()}


def freight_credit(before: Order, after: Order) -> dict[str, int]:
    """What the correction pays back of the freight and of its tax."""
    refunded = after.corrections[-1].refunded_minor
    tax = sum(line.tax_back_minor for line in after.lines) - sum(line.tax_back_minor for line in before.lines)
    return _owed(Counter({"freight": refunded - tax, "tax": tax}))


def _owed(moves: Mapping[str, int]) -> dict[str, int]:
    return {**moves, "receivable": -sum(moves.values())}
