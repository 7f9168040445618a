"""Stock of a SKU in a store, the ledger of its changes, and the documents by which goods come and go."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Count, Id, Input, Noun, Prose, Sku, Versioned, units_by_sku
from souk.kernel.states import States

Cause = Literal["receipt", "issue", "shipment", "void"]
Pool = Literal["available", "reserved"]
DocumentKind = Literal["receipt", "issue"]
STATES: States = {"posted": {"voided"}, "voided": set()}
SHOWN_AT_MOST = 99
MOST_LINES = 40  # a line writes its stock and its ledger entry, and one transaction holds 100 writes


class InsufficientStock(Conflict):
    title = "Not enough in stock"


class NotStocked(Conflict):
    title = "The store does not keep that SKU"


class UnknownSkus(Refused):
    title = "There are no such SKUs in the catalog"


class ReferenceUsed(Conflict):
    title = "The store has another document with this reference"


class StockPlace(Noun):
    """Where a stock lies: all that the list of a store holds."""

    sku: str
    store_id: str


class Stock(StockPlace, Versioned):
    """`available` is always `on_hand - reserved`; `entries` counts the rows of the ledger.

    `version` counts every sale, so the people who set the threshold have a count of their own, `threshold_version`.
    `low` is the alert, `falls` how often it was raised.
    """

    product_id: str
    threshold: int | None = None
    threshold_version: int = 0
    low: bool = False
    falls: int = 0
    on_hand: int = 0
    reserved: int = 0
    available: int = 0
    entries: int = 0

    def need(self, pool: Pool, units: int) -> None:
        held = self.available if pool == "available" else self.reserved
        if held < units:
            raise InsufficientStock(f"{held} of {self.sku} are {pool}", sku=self.sku, wanted=units, available=held)

    def judged(self) -> "Stock":
        """With the alert as it should stand: low is at or below the threshold."""
        low = self.threshold is not None and self.available <= self.threshold
        return self.but(low=low, falls=self.falls + (low and not self.low))


class StockEntry(Noun):
    """One change of what is on hand; `balance` is what was on hand after it. Never changed, never removed."""

    sku: str
    store_id: str
    sequence: int
    delta: int
    balance: int
    cause: Cause
    reference: str
    actor: str
    at: datetime


class DocumentLine(Input):
    sku: Sku
    units: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class StockDocumentDraft(Input):
    """Goods in (`receipt`) or out (`issue`). The reference is the client's: sent twice, it is one document."""

    kind: DocumentKind
    store_id: Id
    reference: Id
    lines: Annotated[list[DocumentLine], Field(min_length=1, max_length=MOST_LINES)]
    note: Prose = ""

    def units(self) -> dict[str, int]:
        return units_by_sku((line.sku, line.units) for line in self.lines)


class StockDocumentCard(Noun):
    """A document in a list."""

    document_id: str
    kind: DocumentKind
    store_id: str
    reference: str
    at: datetime
    status: str


class StockDocument(StockDocumentCard, Versioned):
    status: str = "posted"
    units: dict[str, int]
    note: str = ""
    by: str
    voided_at: datetime | None = None
    voided_by: str | None = None

    @property
    def deltas(self) -> dict[str, int]:
        """What it did to the stock on hand."""
        sign = 1 if self.kind == "receipt" else -1
        return {sku: sign * units for sku, units in self.units.items()}

    def need_same(self, draft: StockDocumentDraft) -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        if (self.kind, self.units, self.note) != (draft.kind, draft.units(), draft.note):
            raise ReferenceUsed(document_id=self.document_id)


class ThresholdEdit(Input):
    """At or below the threshold the store is warned; null warns nobody."""

    threshold: Count | None
    version: Count


class StockLevel(Noun):
    """Stock as staff see it; `version` is the threshold's."""

    sku: str
    store_id: str
    product_id: str
    on_hand: int
    reserved: int
    available: int
    threshold: int | None
    low: bool
    version: int

    @classmethod
    def of(cls, stock: Stock) -> "StockLevel":
        return cls(**stock.model_dump(exclude={"version"}), version=stock.threshold_version)


class SkuLevels(Noun):
    """A SKU in the stores of the caller's scope, and their sum."""

    sku: str
    on_hand: int
    reserved: int
    available: int
    stores: list[StockLevel]

    @classmethod
    def of(cls, sku: str, stocks: Sequence[Stock]) -> "SkuLevels":
        return cls(
            sku=sku,
            stores=[StockLevel.of(stock) for stock in stocks],
            on_hand=sum(stock.on_hand for stock in stocks),
            reserved=sum(stock.reserved for stock in stocks),
            available=sum(stock.available for stock in stocks),
        )


def need_known(skus: Iterable[str], known: Container[str]) -> None:
    unknown = sorted(sku for sku in skus if sku not in known)
    if unknown:
        raise UnknownSkus(skus=unknown)


def shown(stocks: Sequence[Stock]) -> int:
    """What the product page says there is: the sum over the stores, and no more than a buyer needs to know."""
    return min(SHOWN_AT_MOST, sum(stock.available for stock in stocks))


def reversed_deltas(deltas: Mapping[str, int]) -> dict[str, int]:
    return {sku: -delta for sku, delta in deltas.items()}
