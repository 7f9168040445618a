"""Listing: whether a product is on the shelf, since when, by whom and why."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from souk.domains.catalog.model.product import SoldOut
from souk.kernel.errors import Refused
from souk.kernel.shapes import Id, Input, Line, Moment, Noun

Action = Literal["listed", "delisted", "planned", "unplanned", "not_listed", "deleted"]
FARTHEST = timedelta(days=366)
OUT_OF_STOCK, RESTOCKED, TIME_IS_OVER = "no stock", "restocked", "its time is over"
SUSPENDED, REINSTATED = "its merchant may not sell", "its merchant may sell again"


class NotInTheFuture(Refused):
    title = "What is planned is a time to come, within a year"


def _next_second(at: datetime) -> datetime:
    """Timers go by whole seconds: rounded up, for nothing is to be had before its time."""
    return at.replace(microsecond=0) + timedelta(seconds=1 if at.microsecond else 0)


def _last_second(at: datetime) -> datetime:
    """Rounded down, for nothing is to be had after its time."""
    return at.replace(microsecond=0)


class Reason(Input):
    """Why, for the history."""

    reason: Line | None = None


class Delisting(Input):
    reason: Line


class BulkDelisting(Delisting):
    product_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]


class DelistOutcome(Noun):
    """What has become of a product: its status now, or the code and the sentence of the refusal."""

    product_id: str
    status: str | None = None
    code: str | None = None
    detail: str | None = None


class DelistOutcomes(Noun):
    delisted: int
    refused: int
    products: list[DelistOutcome]


class SoldOutPolicy(Input):
    """Null leaves it to the shop's setting."""

    sold_out: SoldOut | None


class Plan(Input):
    """On sale from `list_at` until `delist_at`, one of which may be left out; it replaces what was planned before."""

    list_at: Annotated[Moment, AfterValidator(_next_second)] | None = None
    delist_at: Annotated[Moment, AfterValidator(_last_second)] | None = None

    @model_validator(mode="after")
    def _window(self) -> Self:
        if not (self.list_at or self.delist_at):
            raise ValueError("needs list_at, delist_at or both")
        if self.list_at and self.delist_at and self.list_at >= self.delist_at:
            raise ValueError("ends before it begins")
        return self

    def need_to_come(self, now: datetime) -> None:
        if not all(now < at <= now + FARTHEST for at in (self.list_at, self.delist_at) if at):
            raise NotInTheFuture()


class ListingEntry(Noun):
    """One line of the history, never changed; `number` is the product's version that the change made."""

    product_id: str
    number: int
    action: Action
    actor: str
    at: datetime
    reason: str | None = None
    list_at: datetime | None = None
    delist_at: datetime | None = None
