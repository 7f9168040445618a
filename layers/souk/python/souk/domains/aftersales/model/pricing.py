"""What units that are given back are worth: their share of all that was paid for the line."""

from collections.abc import Mapping, Sequence

from souk.kernel import money
from souk.kernel.errors import Refused
from souk.kernel.shapes import Noun, Texts


class TooManyUnits(Refused):
    title = "So many units cannot be given back"


class NothingWasPaid(Refused):
    title = "Nothing was paid for these goods"


class Bought(Noun):
    """A line of the order as the case needs it; `paid_minor` is all that was paid for it, freight and tax included.

    `left_out` are the units that never leave: their part of it has gone back already, or on to other goods.
    """

    sku: str
    name: Texts
    quantity: int
    shipped: int
    refunded: int
    left_out: int = 0
    paid_minor: int


class CaseLine(Noun):
    """`instead` is what is wanted in exchange."""

    sku: str
    name: Texts
    quantity: int
    amount_minor: int
    instead: str | None = None


def priced_lines(wanted: Mapping[str, int], bought: Sequence[Bought]) -> tuple[CaseLine, ...]:
    """What the units are worth: their share of all that was paid for the line.

    Freight and tax were apportioned to the lines, so they go back with the units they were paid for, whatever the
    reason; the parts of any sequence of refunds end exactly at what was paid. Only units that were sent count: what
    never left is cancelled, not given back.
    """
    by_sku = {line.sku: line for line in bought}
    for sku, quantity in wanted.items():
        line = by_sku.get(sku)
        left = line.shipped - line.refunded if line else 0
        if quantity > left:
            raise TooManyUnits(f"{left} of {sku} can be given back", sku=sku, left=max(left, 0))
    lines = tuple(_priced(by_sku[sku], quantity) for sku, quantity in wanted.items())
    if not sum(line.amount_minor for line in lines):
        raise NothingWasPaid()
    return lines


def _priced(line: Bought, quantity: int) -> CaseLine:
    worth = money.share_of_units(line.paid_minor, line.quantity, line.refunded + line.left_out, quantity)
    return CaseLine(sku=line.sku, name=line.name, quantity=quantity, amount_minor=worth)
