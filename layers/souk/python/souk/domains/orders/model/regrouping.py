"""Orders made of others: the parts of one that was split, and the one that several were merged into."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from souk.domains.orders.model.goods import Link, OrderLine, Step, by_store
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import (
    DISCOUNTS,
    FREIGHT,
    GOODS,
    MOST_LINES,
    TAX,
    Amount,
    Holding,
    TooManyLines,
    TooManyOfOne,
)
from souk.domains.orders.model.refusals import NotInThisOrder
from souk.kernel import money
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import MOST_UNITS, Id, Input, Line, Quantity, Sku

# Goods that change stores, by SKU and store: with all that five parts of an exchange write, one transaction of 100.
MOST_MOVED = 40
MOST_MERGED = 5


class OnePart(Refused):
    title = "That leaves the order as it is"


class NoStoreForTheRest(Refused):
    title = "The order has no store: say of everything where it goes"


class TooMuchMoved(Refused):
    title = "Too much changes stores at once: give the order to another store first"


class NotAlike(Conflict):
    """`differ` names what the orders do not have in common."""

    title = "Orders are merged of one buyer, one store, one currency and one address"


class OnItsWay(Conflict):
    title = "Something of the order has left already, is missing, or was paid back"


class PartDraft(Input):
    """What one store shall send as an order of its own."""

    store_id: Id
    units: Annotated[dict[Sku, Quantity], Field(min_length=1, max_length=MOST_LINES)]


class Splitting(Input):
    """The parts of an order; what none of them names is one more, and stays where it is."""

    parts: Annotated[list[PartDraft], Field(min_length=1, max_length=4)]
    reason: Line


class Merging(Input):
    order_ids: Annotated[list[Id], Field(min_length=2, max_length=MOST_MERGED)]
    reason: Line


def holdings(order: Order, splitting: Splitting) -> tuple[Holding, ...]:
    """Who shall serve what of the order: what was not named comes first, and stays with its store."""
    rest = {line.sku: line.quantity for line in order.lines}
    for part in splitting.parts:
        for sku, units in part.units.items():
            if units > rest.get(sku, 0):
                raise NotInThisOrder(f"{rest.get(sku, 0)} of {sku} are left to share out", sku=sku)
            rest[sku] -= units
    named = [Holding(store_id=part.store_id, units=part.units) for part in splitting.parts]
    rest = {sku: units for sku, units in rest.items() if units}
    if rest and order.store_id == HEAD_OFFICE:
        raise NoStoreForTheRest()
    if rest:
        named.insert(0, Holding(store_id=order.store_id, units=rest))
    if len(named) == 1:
        raise OnePart()
    order.need_to_be_served_by(named)
    return tuple(named)


def split_before(order: Order, holders: Sequence[Holding]) -> bool:
    """Whether it was split just so already."""
    return order.status == "split" and order.held == tuple(holders)


def need_room_to_move(order: Order, holders: Sequence[Holding]) -> None:
    before, after = _shelves(order.reserved()), _shelves(by_store(holders))
    moved = sum(before.get(shelf, 0) != after.get(shelf, 0) for shelf in {*before, *after})
    if moved > MOST_MOVED:
        raise TooMuchMoved(most=MOST_MOVED)


def each_once(order_ids: Iterable[str]) -> list[str]:
    """In one order, whatever order they were named in; OnePart where they are all the same."""
    found = sorted({*order_ids})
    if len(found) == 1:
        raise OnePart()
    return found


def merged_before(orders: Sequence[Order]) -> Link | None:
    """What they have become already, if they were merged with each other."""
    became = {order.became for order in orders}
    into = became.pop() if len(became) == 1 else ()
    return into[0] if into and all(order.status == "merged" for order in orders) else None


def need_untouched(order: Order) -> None:
    if not order.intact or order.short():
        raise OnItsWay()


def parts(order: Order, links: Sequence[Link], holders: Sequence[Holding], at: datetime, by: str) -> list[Order]:
    """An order for each of who holds it: amounts are apportioned by kind, so the parts are the whole to the cent."""
    lines = divided(order.lines, [one.units for one in holders])
    return [
        _remade(order, link, [order], store_id=one.store_id, lines=its, at=at, by=by)
        for link, one, its in zip(links, holders, lines, strict=True)
    ]


def need_alike(orders: Sequence[Order]) -> None:
    first = _first(orders)
    for order in orders:
        need_untouched(order)
        if differ := [name for name in _ALIKE if getattr(order, name) != getattr(first, name)]:
            raise NotAlike(differ=differ)


def merged(orders: Sequence[Order], link: Link, at: datetime, by: str) -> Order:
    """One order in the place of several; everything else is as in the one that was placed first."""
    need_alike(orders)
    first = _first(orders)
    return _remade(first, link, orders, store_id=first.store_id, lines=summed(orders), at=at, by=by)


def divided(lines: Sequence[OrderLine], portions: Sequence[Mapping[str, int]]) -> list[tuple[OrderLine, ...]]:
    """The lines of each portion; together they have all units, which makes all amounts."""
    taken = {line.sku: 0 for line in lines}
    found = []
    for units in portions:
        found.append(tuple(_portion(line, taken[line.sku], units[line.sku]) for line in lines if units.get(line.sku)))
        for sku, number in units.items():
            taken[sku] += number
    return found


def summed(orders: Iterable[Order]) -> tuple[OrderLine, ...]:
    """The lines of all; of the same SKU there is one, with the amounts of each kind summed."""
    lines: dict[str, OrderLine] = {}
    for line in (line for order in orders for line in order.lines):
        lines[line.sku] = _together(lines[line.sku], line) if line.sku in lines else line
    if len(lines) > MOST_LINES:
        raise TooManyLines(f"At most {MOST_LINES} different SKUs in one order", most=MOST_LINES)
    if many := next((line.sku for line in lines.values() if line.quantity > MOST_UNITS), None):
        raise TooManyOfOne(f"At most {MOST_UNITS} of one SKU in one order", sku=many, most=MOST_UNITS)
    return tuple(lines.values())


def _first(orders: Sequence[Order]) -> Order:
    return min(orders, key=lambda one: (one.placed_at, one.order_id))


# What merged orders must have in common. How each was paid does not matter: its money goes back where it came from.
_ALIKE = ("buyer_id", "store_id", "currency", "address", "delivery_method", "pickup_store_id")


def _remade(
    like: Order, link: Link, of: Sequence[Order], *, store_id: str, lines: Sequence[OrderLine], at: datetime, by: str
) -> Order:
    """A paid order that was never placed: its own date is still that of the purchase, which reports go by.

    What was had in a flash sale is the store's from now on. What was charged the orders say that it came from.
    """
    return like.but(
        version=0,
        order_id=link.order_id,
        number=link.number,
        status="paid",
        store_id=store_id,
        lines=tuple(lines),
        goods_minor=sum(line.of(GOODS) for line in lines),
        discount_minor=sum(line.discount_minor for line in lines),
        freight_minor=sum(line.of(FREIGHT) for line in lines),
        tax_minor=sum(line.of(TAX) for line in lines),
        total_minor=sum(line.payable_minor for line in lines),
        charge=None,
        history=(Step(status="paid", at=at, by=by),),
        shortages=(),
        moved_at=at,
        held_for=like.held_for if len(of) == 1 else (),
        corrections=(),
        questions=(),
        came_from=tuple(Link(order_id=one.order_id, number=one.number) for one in of),
        became=(),
        held=(),
        sale=None,
        chased_at=None,
        origin=None,
    )


def _shelves(held: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], int]:
    return {(store_id, sku): units for store_id, there in held.items() for sku, units in there.items()}


def _portion(line: OrderLine, already: int, units: int) -> OrderLine:
    def share(minor: int) -> int:
        return money.share_of_units(minor, line.quantity, already, units)

    amounts = [Amount(kind=one.kind, minor=minor) for one in line.amounts if (minor := _share(line, one, share))]
    fee = None if line.commission_minor is None else share(line.commission_minor)
    return line.but(quantity=units, amounts=tuple(amounts), commission_minor=fee)


def _share(line: OrderLine, amount: Amount, share: Callable[[int], int]) -> int:
    """Of a discount as much as leaves the goods their share of what was left of them: never less than nothing."""
    if amount.kind not in DISCOUNTS:
        return share(amount.minor)
    before = line.of(GOODS, *DISCOUNTS[: DISCOUNTS.index(amount.kind)])
    return share(before + amount.minor) - share(before)


def _together(one: OrderLine, other: OrderLine) -> OrderLine:
    """Where the unit price has changed between the two, it is the mean; the amounts are exact."""
    kinds = dict.fromkeys(amount.kind for line in (one, other) for amount in line.amounts)
    quantity = one.quantity + other.quantity
    price = money.divide(one.unit_price_minor * one.quantity + other.unit_price_minor * other.quantity, quantity)
    amounts = tuple(Amount(kind=kind, minor=one.of(kind) + other.of(kind)) for kind in kinds)
    fees = [line.commission_minor for line in (one, other) if line.commission_minor is not None]
    return one.but(
        quantity=quantity, unit_price_minor=price, amounts=amounts, commission_minor=sum(fees) if fees else None
    )
