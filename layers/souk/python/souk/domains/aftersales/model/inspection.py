"""The inspection: what goods that came back are like, unit by unit, and what is paid back for them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from souk.domains.aftersales.model.pricing import Bought
from souk.domains.aftersales.model.returns import Condition
from souk.domains.aftersales.model.wish import Remark, WantedBack
from souk.kernel import money
from souk.kernel.errors import Refused
from souk.kernel.shapes import BasisPoints, Input, Mark, Noun, units_by_sku

Outcome = Literal["pass", "damaged", "wrong_item", "missing"]
KEPT: tuple[Outcome, ...] = ("pass", "damaged")  # the shop has these again; what is wrong goes back to its sender


class NotAllInspected(Refused):
    title = "The inspection is of exactly the units that the case is about"


class InspectedLine(WantedBack):
    """So many units of a SKU that are alike; what the shop keeps is to be sold again, or is not."""

    outcome: Outcome
    condition: Condition | None = None
    deduct_basis_points: BasisPoints = 0
    text: Remark | None = None

    @model_validator(mode="after")
    def _of_its_outcome(self) -> Self:
        if (self.condition is not None) != (self.outcome in KEPT):
            raise ValueError("needs a condition where the shop keeps the goods, and nowhere else")
        if self.deduct_basis_points and self.outcome != "damaged":
            raise ValueError("only for damage something is deducted")
        return self


class Inspection(Input):
    lines: Annotated[list[InspectedLine], Field(min_length=1, max_length=100)]

    def need_all(self, units: Mapping[str, int]) -> None:
        if units_by_sku((line.sku, line.quantity) for line in self.lines) != units:
            raise NotAllInspected(units=dict(units))


class Inspected(Noun):
    """An inspected line, with what its units are worth and what of that is deducted for damage."""

    sku: str
    quantity: int
    outcome: Outcome
    condition: Condition | None = None
    deduct_basis_points: int = 0
    text: Annotated[str | None, Mark.WITHHELD] = None
    worth_minor: int = 0
    deducted_minor: int = 0

    @property
    def refund_minor(self) -> int:
        return self.worth_minor - self.deducted_minor

    def is_as(self, line: InspectedLine) -> bool:
        return all(getattr(self, name) == value for name, value in dict(line).items())


def inspected(said: Inspection, bought: Sequence[Bought]) -> tuple[Inspected, ...]:
    """With the worth of what the shop keeps: each line the next share of all that was paid for its SKU."""
    by_sku = {line.sku: line for line in bought}
    settled = Counter({line.sku: line.refunded + line.left_out for line in bought})
    found = []
    for line in said.lines:
        worth = 0
        if line.outcome in KEPT:
            sold = by_sku[line.sku]
            worth = money.share_of_units(sold.paid_minor, sold.quantity, settled[line.sku], line.quantity)
            settled[line.sku] += line.quantity
        deducted = money.fraction(worth, line.deduct_basis_points)
        found.append(Inspected(**dict(line), worth_minor=worth, deducted_minor=deducted))
    return tuple(found)


def units_of(lines: Iterable[Inspected], *outcomes: Outcome, condition: Condition | None = None) -> dict[str, int]:
    """By SKU; of one condition only, where it is named."""
    return units_by_sku(
        (line.sku, line.quantity) for line in lines if line.outcome in outcomes and condition in (None, line.condition)
    )
