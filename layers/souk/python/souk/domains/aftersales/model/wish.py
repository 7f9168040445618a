"""What a buyer asks for, and whether the order is one of which goods can be given back."""

from typing import Annotated, Literal

from pydantic import Field

from souk.domains.aftersales.model.photos import Uploads
from souk.kernel.errors import Conflict
from souk.kernel.shapes import Id, Input, Prose, Quantity, Sku, units_by_sku

REFUNDABLE = ("part_shipped", "shipped", "received", "completed")


Reason = Literal["damaged", "wrong_item", "not_as_described", "not_wanted", "late", "other"]


Remark = Annotated[Prose, Field(min_length=1, max_length=1000)]


class NotRefundable(Conflict):
    title = "Goods that have not been sent cannot be given back"


class WantedBack(Input):
    sku: Sku
    quantity: Quantity


class CaseDraft(Input):
    """Money back for goods of an order; what the units are worth nobody says, it is worked out."""

    order_id: Id
    lines: Annotated[list[WantedBack], Field(min_length=1, max_length=40)]
    reason: Reason
    text: Remark | None = None

    def units(self) -> dict[str, int]:
        return units_by_sku((line.sku, line.quantity) for line in self.lines)


class RefundWish(CaseDraft):
    """A buyer's own; `images` are uploads of theirs."""

    images: Uploads = []


def need_refundable(order_status: str) -> None:
    if order_status not in REFUNDABLE:
        raise NotRefundable(f"The order is {order_status}", state=order_status)
