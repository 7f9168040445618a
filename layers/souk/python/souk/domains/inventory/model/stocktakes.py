"""Stocktakes: what should be in a store, what was found there, and what the ledger is corrected by.

What a line should hold when it is counted is what was frozen at the opening and all that its ledger has moved since:
that is what is on hand at that moment. So the difference is the count less that, and what is sold, received or
adjusted afterwards changes neither.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, computed_field

from souk.domains.inventory.model.documents import ReferenceUsed
from souk.domains.inventory.model.stock import Stock
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Count, Id, Input, Noun, Prose, Sku, Versioned
from souk.kernel.states import States

# `opening`: the lines are being frozen; `posting`: the differences are being booked. Neither waits for anybody.
STATES: States = {
    "opening": {"open", "cancelled"},
    "open": {"posting", "cancelled"},
    "posting": {"posted"},
    "posted": set(),
    "cancelled": set(),
}
Status = Literal["opening", "open", "posting", "posted", "cancelled"]
Which = Literal["all", "uncounted", "different"]
MOST_CHOSEN = 500
MOST_AT_ONCE = 40  # lines counted by one command
MOST_COUNTS = 20  # of one line, before somebody has to ask what is wrong with it
FROZEN_AT_ONCE, POSTED_AT_ONCE = 90, 30  # a posted line writes three items, and one transaction holds 100 writes


class NotCounted(Refused):
    title = "The stocktake is not about these SKUs"


class NotOpen(Conflict):
    title = "The stocktake takes no counts now"


class CountedTooOften(Conflict):
    title = "The line was counted too often"


class StocktakeDraft(Input):
    """`skus` null counts all that the store keeps. The reference is the client's: sent twice, it is one stocktake."""

    store_id: Id
    reference: Id
    skus: Annotated[list[Sku], Field(min_length=1, max_length=MOST_CHOSEN)] | None = None
    note: Prose = ""


class CountLine(Input):
    sku: Sku
    counted: Count


class CountDraft(Input):
    """What somebody has found. A count that was sent before, by its reference, is not counted anew."""

    reference: Id
    lines: Annotated[list[CountLine], Field(min_length=1, max_length=MOST_AT_ONCE)]


class StocktakeCard(Noun):
    stocktake_id: str
    store_id: str
    reference: str
    status: Status
    at: datetime


class Stocktake(StocktakeCard, Versioned):
    """`lines` so far frozen and `settled` so far looked at when posting: the two say how far it is."""

    status: Status = "opening"
    skus: tuple[str, ...] | None = None
    note: str = ""
    by: str
    lines: int = 0
    settled: int = 0
    differences: int = 0
    position: str | None = None
    posted_at: datetime | None = None
    posted_by: str | None = None

    def need_same(self, other: "Stocktake") -> None:
        if (self.skus, self.note) != (other.skus, other.note):
            raise ReferenceUsed(stocktake_id=self.stocktake_id)

    def need_open(self) -> None:
        if self.status != "open":
            raise NotOpen(f"It is {self.status}", state=self.status)


class Counted(Noun):
    """One count of a line: what was found, and what should have been there at that moment."""

    reference: str
    counted: int
    expected: int
    at: datetime
    by: str


class StocktakeLine(Versioned):
    """`expected` was on hand at the opening, after `entries` of the ledger. The last of the `counts` holds.

    `posted` is what was booked; it stops at what was still on hand, for what left meanwhile cannot have been missing.
    """

    stocktake_id: str
    sku: str
    product_id: str
    expected: int
    entries: int
    counts: tuple[Counted, ...] = ()
    posted: int | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def difference(self) -> int | None:
        return self.counts[-1].counted - self.counts[-1].expected if self.counts else None

    def is_among(self, which: Which) -> bool:
        return {"all": True, "uncounted": not self.counts, "different": bool(self.difference)}[which]

    def has(self, reference: str, counted: int) -> bool:
        """Whether that count has been entered already; ReferenceUsed where it found something else then."""
        known = next((one for one in self.counts if one.reference == reference), None)
        if known and known.counted != counted:
            raise ReferenceUsed(reference=reference, sku=self.sku)
        return known is not None

    def counted(self, counted: int, stock: Stock, reference: str, at: datetime, by: str) -> "StocktakeLine":
        if len(self.counts) >= MOST_COUNTS:
            raise CountedTooOften(sku=self.sku)
        found = Counted(reference=reference, counted=counted, expected=stock.on_hand, at=at, by=by)
        return self.but(counts=(*self.counts, found))

    def correction(self, stock: Stock) -> int:
        return max(self.difference or 0, -stock.on_hand)


def frozen(stocktake_id: str, stock: Stock) -> StocktakeLine:
    return StocktakeLine(
        stocktake_id=stocktake_id,
        sku=stock.sku,
        product_id=stock.product_id,
        expected=stock.on_hand,
        entries=stock.entries,
    )
