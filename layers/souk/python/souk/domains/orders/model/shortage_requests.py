"""What staff and buyers send about goods that are missing."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from souk.kernel.shapes import Date, Id, Input, Line, Quantity, Sku


class ShortageReport(Input):
    """So many units of a line cannot be sent. The reference is the client's: sent twice, it is one shortage.

    `substitutes` are the SKUs that the buyer may choose instead, at the price that was paid.
    """

    reference: Id
    sku: Sku
    units: Quantity
    reason: Line
    substitutes: Annotated[list[Sku], Field(max_length=5)] = []


class ShortageAnswer(Input):
    """What is to be done about it: wait `until` a day, take another `sku`, or have the money back."""

    choice: Literal["wait", "substitute", "refund"]
    until: Date | None = None
    sku: Sku | None = None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if (self.until is None) == (self.choice == "wait") or (self.sku is None) == (self.choice == "substitute"):
            raise ValueError("`until` goes with wait and `sku` with substitute, and neither with anything else")
        return self
