"""The flash sale: goods of one store at one price for a while, so many units and no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from souk.domains.promotions.model.shards import MOST_SHARDS, STOCK
from souk.kernel import clock, states
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Forbidden, Missing, Refused
from souk.kernel.shapes import MAX_MINOR, Id, Input, Moment, Noun, Sku, Texts, Version, Versioned
from souk.kernel.states import States

STATES: States = {
    "draft": {"scheduled", "ended"},
    "scheduled": {"running", "ended"},
    "running": {"ended"},
    "ended": set(),
}
# Before the first may order the goods are set aside, and shortly after the last one what is left goes back.
PREPARED, CLOSED = timedelta(minutes=5), timedelta(minutes=1)
FARTHEST = timedelta(days=366)
COUNTED = timedelta(days=7)  # how long after a sale it is known what each buyer had of it
MOST_UNITS = 10_000_000
MOST_A_BUYER = 20  # a unit may lie in a shard of its own, and one transaction takes them all

PriceMinor = Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
Units = Annotated[int, Field(strict=True, ge=1, le=MOST_UNITS)]
Share = Annotated[int, Field(strict=True, ge=1, le=MOST_A_BUYER)]


class NoSuchSale(Missing):
    title = "No such sale"


class ReferenceOfAnotherSale(Conflict):
    title = "The store has another sale with this reference"


class WrongTimes(Refused):
    title = "A sale ends in the future, within a year"


class SaleNotBegun(Conflict):
    title = "The sale has not begun"


class PriorityOnly(Forbidden):
    title = "Members of a higher tier go first"


class SaleOver(Conflict):
    title = "The sale is over"


class SaleSoldOut(Conflict):
    title = "Sold out"


class PriorityTaken(Conflict):
    title = "What members of this tier may have beforehand is taken"


class BoughtEnough(Conflict):
    title = "More than one buyer may have of this sale"


class PriorityWindow(Noun):
    """Before the sale begins for everybody, members of at least that tier buy; together at most so many units."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tier: Annotated[int, Field(strict=True, ge=1, le=9)]
    starts_at: Moment
    units: Units | None = None

    @property
    def pool(self) -> str | None:
        return None if self.units is None else f"tier{self.tier}"


class SaleTerms(Input):
    """From `starts_at` until `ends_at` everybody may have `per_buyer` of the units.

    Each of the `shards` lets 500 orders a second through.
    """

    price_minor: PriceMinor
    units: Units
    per_buyer: Share
    shards: Annotated[int, Field(strict=True, ge=1, le=MOST_SHARDS)] = 16
    windows: Annotated[list[PriorityWindow], Field(max_length=8)] = []
    starts_at: Moment
    ends_at: Moment

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_at >= self.ends_at:
            raise ValueError("ends before it begins")
        if any(window.starts_at >= self.starts_at for window in self.windows):
            raise ValueError("a priority window begins before the sale does")
        if len({window.tier for window in self.windows}) < len(self.windows):
            raise ValueError("a tier has one window")
        pools = 1 + sum(window.pool is not None for window in self.windows)
        if self.shards * pools > MOST_SHARDS:
            raise ValueError(f"has at most {MOST_SHARDS} shards, those of its windows' units included")
        return self

    def terms(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in SaleTerms.model_fields}


class SaleDraft(SaleTerms):
    """The reference is the client's: sent twice, it is one sale."""

    store_id: Id
    reference: Id
    sku: Sku


class SaleEdit(SaleTerms):
    version: Version


class FlashSale(Versioned):
    """`units` are to be had at most; `aside` is what was set aside for it when it opened."""

    sale_id: str
    store_id: str
    reference: str
    sku: str
    product_id: str
    name: Texts
    currency: str
    price_minor: int
    units: int
    per_buyer: int
    shards: int
    windows: Sequence[PriorityWindow] = ()
    starts_at: datetime
    ends_at: datetime
    status: str = "draft"
    aside: int = 0

    @property
    def announced(self) -> str | None:
        """Whether the shop tells buyers of it."""
        return "announced" if self.status in ("scheduled", "running") else None

    @property
    def opens_at(self) -> datetime:
        """When the first may order."""
        return min([self.starts_at, *(window.starts_at for window in self.windows)])

    @property
    def prepares_at(self) -> datetime:
        return self.opens_at - PREPARED

    @property
    def closes_at(self) -> datetime:
        return self.ends_at + CLOSED

    @property
    def counts_until(self) -> datetime:
        return self.ends_at + COUNTED

    def is_due(self, now: datetime) -> bool:
        """Whether the goods are to be set aside. A timer that is a little early is not too early."""
        return self.status == "scheduled" and self.prepares_at - CLOSED <= now

    def is_over(self, now: datetime) -> bool:
        return self.announced is not None and self.ends_at <= now

    def moved(self, to: str) -> Self:
        return self.but(status=states.move(STATES, self.status, to, f"Sale {self.reference}"))

    def need_draft(self) -> None:
        """What is announced does not change any more."""
        states.move(STATES, self.status, "scheduled", f"Sale {self.reference}")

    def scheduled(self, now: datetime) -> Self:
        if not now < self.ends_at <= now + FARTHEST:
            raise WrongTimes()
        return self.moved("scheduled")

    def opened(self, available: int) -> Self:
        """With as many units as the store has, if it has fewer than are meant to be sold; none where it is short."""
        return self.moved("running").but(aside=min(self.units, max(0, available)))

    def stopped(self, now: datetime) -> Self:
        """Nobody may order any more; what is left goes back to the store."""
        states.move(STATES, self.status, "ended", f"Sale {self.reference}")
        return self.but(ends_at=min(self.ends_at, now))

    def pools(self) -> Mapping[str, int]:
        """The units to begin with, by pool."""
        return {STOCK: self.aside} | {one.pool: one.units for one in self.windows if one.pool and one.units}

    def need_same(self, draft: SaleDraft) -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        if self.sku != draft.sku or any(getattr(self, name) != value for name, value in draft.terms().items()):
            raise ReferenceOfAnotherSale(sale_id=self.sale_id)

    def need_scope(self, by: Caller) -> None:
        if not by.in_scope(self.store_id):
            raise NoSuchSale()

    def need_announced(self) -> None:
        """Of a draft buyers know nothing."""
        if self.status == "draft":
            raise NoSuchSale()

    def need_units(self, units: int) -> None:
        if units > self.per_buyer:
            raise BoughtEnough(per_buyer=self.per_buyer)

    def window_for(self, tier: int, now: datetime) -> PriorityWindow | None:
        """By which window a buyer of that tier may order now, None where everybody may; otherwise refused.

        Of several one without limit, so that nobody is refused what a lower tier may have; else that of the highest.
        """
        self.need_announced()
        if self.status == "ended" or self.ends_at <= now:
            raise SaleOver()
        mine = [window for window in self.windows if window.tier <= tier]
        open_to_me = [window for window in mine if window.starts_at <= now]
        if self.starts_at > now and not open_to_me:
            begins = min([self.starts_at, *(window.starts_at for window in mine)])
            raise (PriorityOnly if self.opens_at <= now else SaleNotBegun)(starts_at=clock.text(begins))
        if self.status != "running":  # the goods are just being set aside
            raise SaleNotBegun(starts_at=clock.text(self.starts_at))
        if self.starts_at <= now:
            return None
        return max(open_to_me, key=lambda window: (window.units is None, window.tier))


class SaleCard(Noun):
    """A sale in a list."""

    sale_id: str
    store_id: str
    sku: str
    product_id: str
    name: Texts
    status: str
    price_minor: int
    currency: str
    units: int
    per_buyer: int
    starts_at: datetime
    ends_at: datetime


class SalePage(SaleCard):
    """A sale as buyers see it; `active` by the clock."""

    windows: Sequence[PriorityWindow]
    active: bool

    @classmethod
    def of(cls, sale: FlashSale, now: datetime) -> Self:
        sale.need_announced()
        active = sale.status == "running" and sale.starts_at <= now < sale.ends_at
        return cls(**{**dict(sale), "active": active})


class SaleSheet(FlashSale):
    """A sale as staff see it, with what is left of each pool while it runs."""

    left: dict[str, int]


class SaleBuyer(Noun):
    """How many units of a sale a buyer has ordered and not cancelled."""

    sale_id: str
    buyer_id: str
    bought: int = 0
    expires_at: datetime | None = None
