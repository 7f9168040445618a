"""What a buyer asks for, and whether the order is one of which goods can be given back."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from souk.domains.aftersales.model.photos import Uploads
from souk.kernel.errors import Conflict
from souk.kernel.paying import RefundTo
from souk.kernel.shapes import Id, Input, Prose, Quantity, Sku, units_by_sku

REFUNDABLE = ("part_shipped", "shipped", "received", "completed")
# The inspection writes four items for each SKU and for each payment out of which money goes back, and one transaction
# holds 100.
MOST_SENT_BACK = 14


# Money alone; money once the goods are back; or other goods once they are.
Kind = Literal["refund", "return", "exchange"]


Reason = Literal["damaged", "wrong_item", "not_as_described", "not_wanted", "late", "other"]


Remark = Annotated[Prose, Field(min_length=1, max_length=1000)]


class NotRefundable(Conflict):
    title = "Goods that have not been sent cannot be given back"


class WantedBack(Input):
    sku: Sku
    quantity: Quantity


class WantedSwap(WantedBack):
    """`instead` names the goods that are wanted in exchange."""

    instead: Sku | None = None


class CaseDraft(Input):
    """Money back, or other goods, for goods of an order; what they are worth nobody says, it is worked out."""

    order_id: Id
    kind: Kind = "refund"
    lines: Annotated[list[WantedSwap], Field(min_length=1, max_length=40)]
    reason: Reason
    text: Remark | None = None
    refund_to: RefundTo = "source"

    def units(self) -> dict[str, int]:
        return units_by_sku((line.sku, line.quantity) for line in self.lines)

    def instead(self) -> dict[str, str]:
        """What is wanted in the place of each SKU."""
        return {line.sku: line.instead for line in self.lines if line.instead}

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if self.kind != "refund" and len(self.units()) > MOST_SENT_BACK:
            raise ValueError(f"at most {MOST_SENT_BACK} different goods come back in one case: the rest is another one")
        named = [line.instead for line in self.lines if line.instead]
        if self.kind != "exchange" and named:
            raise ValueError("only an exchange names other goods")
        if self.kind == "exchange" and not len(self.lines) == len(self.instead()) == len(set(named)):
            raise ValueError("an exchange names other goods for each line, and neither these nor those twice")
        return self


class RefundWish(CaseDraft):
    """A buyer's own; `images` are uploads of theirs."""

    images: Uploads = []


def need_refundable(order_status: str) -> None:
    if order_status not in REFUNDABLE:
        raise NotRefundable(f"The order is {order_status}", state=order_status)
