"""The documents by which goods come, go and are put right: written once, and undone by a reversal only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from souk.kernel.errors import Conflict
from souk.kernel.shapes import Flag, Id, Input, Noun, Prose, Sku, Versioned, units_by_sku
from souk.kernel.states import States

DocumentKind = Literal["receipt", "issue", "adjustment"]
AdjustmentReason = Literal["damaged", "expired", "lost", "stolen", "found", "sample", "correction"]
STATES: States = {"posted": {"voided"}, "voided": set()}
MOST_LINES = 40  # a line writes its stock and its ledger entry, and one transaction holds 100 writes
_MOST_UNITS = 1_000_000


class ReferenceUsed(Conflict):
    title = "There is another one with this reference"


class DocumentLine(Input):
    sku: Sku
    units: Annotated[int, Field(strict=True, ge=1, le=_MOST_UNITS)]


Lines = Annotated[list[DocumentLine], Field(min_length=1, max_length=MOST_LINES)]


class StockDocumentDraft(Input):
    """Goods in (`receipt`) or out (`issue`). The reference is the client's: sent twice, it is one document."""

    kind: Literal["receipt", "issue"]
    store_id: Id
    reference: Id
    lines: Lines
    note: Prose = ""

    def document(self, document_id: str, at: datetime, by: str) -> "StockDocument":
        said = self.model_dump(exclude={"lines"})
        return StockDocument(document_id=document_id, units=units_of(self.lines), at=at, by=by, **said)


class AdjustmentLine(Input):
    sku: Sku
    delta: Annotated[int, Field(strict=True, ge=-_MOST_UNITS, le=_MOST_UNITS)]


class AdjustmentDraft(Input):
    """What is on hand was found to be other than the shop thought, by `delta` units.

    `force` takes away what orders have been promised too: it needs the permission `stock.force`.
    """

    store_id: Id
    reference: Id
    reason: AdjustmentReason
    lines: Annotated[list[AdjustmentLine], Field(min_length=1, max_length=MOST_LINES)]
    note: Prose = ""
    force: Flag = False

    def document(self, document_id: str, at: datetime, by: str) -> "StockDocument":
        said = self.model_dump(exclude={"lines", "force"})
        units = units_by_sku((line.sku, line.delta) for line in self.lines)
        return StockDocument(document_id=document_id, kind="adjustment", units=units, at=at, by=by, **said)


class StockDocumentCard(Noun):
    """A document in a list."""

    document_id: str
    kind: DocumentKind
    store_id: str
    reference: str
    at: datetime
    status: str


class StockDocument(StockDocumentCard, Versioned):
    """`units` are counts of what came or went; of an adjustment they are changes, up or down, and have a reason."""

    status: str = "posted"
    reason: AdjustmentReason | None = None
    units: dict[str, int]
    note: str = ""
    by: str
    voided_at: datetime | None = None
    voided_by: str | None = None

    @property
    def deltas(self) -> dict[str, int]:
        """What it did to the stock on hand."""
        sign = -1 if self.kind == "issue" else 1
        return {sku: sign * units for sku, units in self.units.items() if units}

    def need_same(self, other: "StockDocument") -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        if _said(self) != _said(other):
            raise ReferenceUsed(document_id=self.document_id)


def _said(document: StockDocument) -> tuple[object, ...]:
    return document.kind, document.reason, document.units, document.note


def units_of(lines: list[DocumentLine]) -> dict[str, int]:
    return units_by_sku((line.sku, line.units) for line in lines)


def reversed_deltas(deltas: Mapping[str, int]) -> dict[str, int]:
    return {sku: -delta for sku, delta in deltas.items()}
