"""Stock of a SKU in a store, and the ledger of its changes."""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from typing import Literal

from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Noun, Versioned

# `found` is what was sold at a till though the books did not have it.
Cause = Literal[
    "receipt",
    "issue",
    "shipment",
    "void",
    "adjustment",
    "stocktake",
    "purchase",
    "transfer_out",
    "transfer_in",
    "transfer_back",
    "pickup",
    "sale",
    "found",
    "return",
    "scrap",
]
PROMISED = ("shipment", "pickup")  # these take what was reserved, and the order tells of them
Pool = Literal["available", "reserved"]
AlertTo = Literal["store", "head_office", "both"]
SHOWN_AT_MOST = 99


class InsufficientStock(Conflict):
    title = "Not enough in stock"


class NotStocked(Conflict):
    title = "The store does not keep that SKU"


class UnknownSkus(Refused):
    title = "There are no such SKUs in the catalog"


class StockPlace(Noun):
    """Where a stock lies: all that the list of a store holds."""

    sku: str
    store_id: str


class Stock(StockPlace, Versioned):
    """`available` is always `on_hand - reserved`; `entries` counts the rows of the ledger.

    It is below nothing where less was found on hand than orders have been promised: the store is short.
    `incoming` is what purchase orders and transfers are still to bring. `version` counts every sale, so the people who
    set the levels have a count of their own, `threshold_version`. `low` is the alert, `alert_to` who hears of it,
    `falls` how often it was raised.
    """

    product_id: str
    threshold: int | None = None
    reorder_point: int | None = None
    target: int | None = None
    alert_to: AlertTo = "both"
    threshold_version: int = 0
    low: bool = False
    falls: int = 0
    on_hand: int = 0
    reserved: int = 0
    available: int = 0
    incoming: int = 0
    entries: int = 0

    @property
    def proposed(self) -> int:
        """What to order: nothing before stock and what is coming have come down to the reorder point."""
        expected = self.available + self.incoming
        is_due = self.reorder_point is None or expected <= self.reorder_point
        return max(0, (self.target or 0) - expected) if is_due else 0

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


def need_known(skus: Iterable[str], known: Container[str]) -> None:
    unknown = sorted(sku for sku in skus if sku not in known)
    if unknown:
        raise UnknownSkus(skus=unknown)


def shown(stocks: Sequence[Stock]) -> int:
    """What the product page says there is: the sum over the stores, and no more than a buyer needs to know.

    Where one is short the others have what they have.
    """
    return min(SHOWN_AT_MOST, sum(max(0, stock.available) for stock in stocks))
