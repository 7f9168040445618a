"""Clearance: what a store has too much of and does not sell, and the sales that are to be rid of it."""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field
from pydantic.types import StringConstraints

from souk.domains.promotions.model.flash_sale import MOST_UNITS, SaleDraft, Share, WrongTimes
from souk.kernel import money
from souk.kernel.shapes import Id, Input, Moment, Noun, Sku

MOST_DAYS = 180  # of which all sales are counted up for each page of the report


class SlowMover(Noun):
    """A SKU of which the store has more than enough, and has sold none for the days that were asked about."""

    sku: str
    store_id: str
    product_id: str
    available: int


class ClearanceDraft(Input):
    """A sale of each SKU, of all that is available, so much below its price; at once, unless it says when.

    The reference is the client's: sent twice, the sales are the same.
    """

    store_id: Id
    reference: Annotated[str, StringConstraints(strict=True, pattern="^[A-Za-z0-9_-]{1,31}$")]
    skus: Annotated[list[Sku], Field(min_length=1, max_length=20)]
    discount_basis_points: Annotated[int, Field(strict=True, ge=1, le=9_999)]
    per_buyer: Share = 10
    starts_at: Moment | None = None
    ends_at: Moment

    def reference_of(self, sku: str) -> str:
        return f"{self.reference}-{sku}"

    def begins(self, now: datetime) -> datetime:
        begins = self.starts_at or now
        if self.ends_at <= begins:
            raise WrongTimes()
        return begins

    def sale(self, sku: str, before_minor: int, available: int, starts_at: datetime) -> SaleDraft:
        """In one shard: nobody hurries for what nobody wanted."""
        return SaleDraft(
            store_id=self.store_id,
            reference=self.reference_of(sku),
            sku=sku,
            price_minor=max(1, before_minor - money.fraction(before_minor, self.discount_basis_points)),
            units=min(available, MOST_UNITS),
            per_buyer=self.per_buyer,
            shards=1,
            starts_at=starts_at,
            ends_at=self.ends_at,
        )


class ClearanceOutcome(Noun):
    """What has become of a SKU: its sale, or the code and the sentence of the refusal."""

    sku: str
    sale_id: str | None = None
    status: str | None = None
    price_minor: int | None = None
    units: int | None = None
    code: str | None = None
    detail: str | None = None


class ClearanceOutcomes(Noun):
    sales: list[ClearanceOutcome]


def since(now: datetime, days: int) -> date:
    """The first of so many days, of which today is the last."""
    return now.date() - timedelta(days=days - 1)
