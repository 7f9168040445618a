"""Goods that are brought back to a store."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from souk.domains.aftersales.model.wish import Kind, Reason, Remark, WantedBack
from souk.kernel import ids
from souk.kernel.errors import Conflict
from souk.kernel.paying import RefundTo
from souk.kernel.shapes import Id, Input, Noun, units_by_sku

MOST_LINES = 20  # a SKU that is scrapped writes three items, and one transaction holds 100
Condition = Literal["restock", "scrap"]


class NothingToSendBack(Conflict):
    title = "There is nothing to send back to the buyer"


class ReturnIdUsed(Conflict):
    title = "The store has another return of that name"


class StoreReturn(Input):
    """Goods that lie on a store's counter again, whichever store they came from. `scrap` is not to be sold any more.

    The order is named by its id, or by the number on its receipt. `return_id` is the client's name for the return: sent
    twice, it is one.
    """

    kind: ClassVar[Kind] = "refund"
    return_id: Id
    store_id: Id
    order_id: Id | None = None
    number: Annotated[str, Field(strict=True, pattern=ids.ORDER_NUMBER)] | None = None
    lines: Annotated[list[WantedBack], Field(min_length=1, max_length=MOST_LINES)]
    condition: Condition
    reason: Reason = "not_wanted"
    text: Remark | None = None
    refund_to: RefundTo = "source"

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        if (self.order_id is None) == (self.number is None):
            raise ValueError("needs either order_id or number")
        return self

    @property
    def case_id(self) -> str:
        return ids.derived("cas", self.store_id, self.return_id)

    def units(self) -> dict[str, int]:
        return units_by_sku((line.sku, line.quantity) for line in self.lines)

    def instead(self) -> dict[str, str]:
        """Nothing: who brings goods back and wants others buys them."""
        return {}


class Arrival(Input):
    """Goods that a buyer has sent back are in the store."""

    store_id: Id


class Consignment(Noun):
    """A parcel with its carrier: of the buyer to the store, or of the store back to the buyer."""

    carrier: str
    carrier_name: str
    tracking_number: str
    at: datetime

    def is_as(self, other: "Consignment") -> bool:
        return (self.carrier, self.tracking_number) == (other.carrier, other.tracking_number)
