"""What an order's sale, and what is credited of it later, move on the accounts of the shop.

Of a merchant's goods the shop is the agent: what is paid for them and for their freight is owed to the merchant, less
the commission, which alone is earned. The tax on them is collected by the shop, as on its own.
"""

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
        moves["tax"] -= line.of(TAX)
        if line.merchant_id:
            _to_merchant(moves, line.merchant_id, line.net_minor + line.of(FREIGHT), line.commission_minor or 0)
            continue
        moves[f"revenue:{OWN}"] -= line.of(GOODS)
        moves["freight"] -= line.of(FREIGHT)
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
            goods, tax, kept = line.goods_worth(count), line.tax_worth(count), deducted.get(line.sku, 0)
            freight = line.worth(count) - goods - tax
            moves["tax"] += tax
            if line.merchant_id:
                _to_merchant(moves, line.merchant_id, kept - goods - freight, -line.commission_worth(count))
                continue
            moves[f"refunds:{OWN}"] += goods
            moves["freight"] += freight
            moves["other_income"] -= kept
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


def freight_credit(before: Order, after: Order) -> dict[str, int]:
    """What the correction pays back of the freight and of its tax."""
    moves: Counter[str] = Counter()
    for was, line in zip(before.lines, after.lines, strict=True):
        tax = line.tax_back_minor - was.tax_back_minor
        freight = line.freight_back_minor - was.freight_back_minor - tax
        moves["tax"] += tax
        if line.merchant_id:
            _to_merchant(moves, line.merchant_id, -freight, 0)
        else:
            moves["freight"] += freight
    return _owed(moves)


def _to_merchant(moves: Counter[str], merchant_id: str, gross_minor: int, commission_minor: int) -> None:
    """Each merchant by name: an order has goods of several until it is split."""
    moves[f"merchants_payable:{merchant_id}"] -= gross_minor - commission_minor
    moves[f"commission:{merchant_id}"] -= commission_minor


def _costs(units: Mapping[str, int], costs: Mapping[str, int]) -> dict[str, int]:
    return {sku: count * costs.get(sku, 0) for sku, count in units.items()}


def _owed(moves: Mapping[str, int]) -> dict[str, int]:
    return {**moves, "receivable": -sum(moves.values())}
