"""What a store should order, and what was ordered for it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from souk.domains.inventory.model.consignments import Consignment, Lines
from souk.domains.inventory.model.documents import units_of
from souk.domains.inventory.model.stock import Stock
from souk.kernel.shapes import Date, Id, Input, Line, Noun, Prose

Supplier = Annotated[Line, Field(description="Who delivers, by name")]


class PurchaseDraft(Input):
    """An approved purchase, to be at the store by `due`; what is ordered need not be what was proposed."""

    store_id: Id
    reference: Id
    supplier: Supplier
    due: Date
    lines: Lines
    note: Prose = ""

    def purchase(self, purchase_id: str, at: datetime, by: str) -> "PurchaseOrder":
        said = self.model_dump(exclude={"lines"})
        return PurchaseOrder(purchase_id=purchase_id, units=units_of(self.lines), at=at, by=by, **said)


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
