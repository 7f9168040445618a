"""What a store should order, and what was ordered for it."""

from typing import Annotated

from pydantic import Field

from souk.domains.inventory.model.consignments import Consignment, ConsignmentDraft
from souk.domains.inventory.model.stock import Stock
from souk.kernel.shapes import Line, Noun

Supplier = Annotated[Line, Field(description="Who delivers, by name")]


class PurchaseDraft(ConsignmentDraft):
    """An approved purchase; what is ordered need not be what was proposed."""

    supplier: Supplier


class PurchaseOrder(Consignment):
    """Goods ordered from a supplier; `posted` when all has come or is not waited for any more."""

    purchase_id: str
    supplier: str


class Proposal(Noun):
    """What to order of a SKU: up to its target, less what is available and what is coming already."""

    sku: str
    product_id: str
    available: int
    incoming: int
    reorder_point: int | None
    target: int
    proposed: int

    @classmethod
    def of(cls, stock: Stock) -> "Proposal":
        return cls.model_validate({**stock.model_dump(), "proposed": stock.proposed})
