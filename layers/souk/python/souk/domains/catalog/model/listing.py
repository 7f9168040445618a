"""Listing: whether a product is on the shelf, since when, by whom and why."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from souk.domains.catalog.model.product import Name, Product, SoldOut
from souk.domains.catalog.model.sku import Sku, SkuState, url_of
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Id, Input, Line, Moment, Noun, ShownPrice, Versioned

Action = Literal["listed", "delisted", "planned", "unplanned", "not_listed", "deleted"]
FARTHEST = timedelta(days=366)
OUT_OF_STOCK, RESTOCKED, TIME_IS_OVER = "no stock", "restocked", "its time is over"
SUSPENDED, REINSTATED = "its merchant may not sell", "its merchant may sell again"
_LONGEST_SORT_NAME = 100


class NothingToSell(Conflict):
    title = "No SKU of the product has a price"


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


class ShelfCard(Noun):
    """A product in a list of the shop; it is a merchant's where one is named."""

    product_id: str
    merchant_id: str | None = None
    merchant_name: str | None = None
    name: str
    category_id: str
    listed_at: datetime
    price_from_minor: int
    currency: str
    shown_from: ShownPrice | None = None
    image: str | None = None


class ShelfPlace(Noun):
    """All that an index says: the entry itself is read anew, for an index may lag behind."""

    product_id: str
    facets: tuple[str, ...] = ()


class ShelfEntry(Versioned):
    """How a product stands in the lists of the shop.

    Made anew by whatever changes the product, one of its SKUs, or whether one of them can be had; the version keeps
    two such changes apart. `shelf` is its category while there is something to sell, now or at `opens_at`, else None.
    """

    product_id: str
    merchant_id: str | None = None
    shelf: str | None = None
    listed_at: datetime | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    name: Name
    facets: tuple[str, ...] = ()
    price_from_minor: int = 0
    currency: str
    image: str | None = None
    in_stock: bool = False

    @classmethod
    def of(
        cls, product: Product, skus: Sequence[Sku], states: Sequence[SkuState] = (), version: int = 0
    ) -> "ShelfEntry":
        prices = [sku.price_minor for sku in skus if sku.active and sku.price_minor is not None]
        to_be_had = {state.sku for state in states if state.in_stock}
        shown = (product.status == "listed" or product.list_at is not None) and bool(prices)
        return cls(
            product_id=product.product_id,
            merchant_id=product.merchant_id,
            shelf=product.category_id if shown else None,
            listed_at=product.list_at or product.listed_at,
            opens_at=product.list_at,
            closes_at=product.delist_at,
            name=product.name,
            facets=product.facets,
            price_from_minor=min(prices, default=0),
            currency=product.currency,
            image=product.image,
            in_stock=any(sku.sellable and sku.sku in to_be_had for sku in skus),
            version=version,
        )

    def is_open(self, now: datetime) -> bool:
        """Whether buyers see it: by the clock, whether or not a timer has come."""
        begun = self.opens_at is None or self.opens_at <= now
        return self.shelf is not None and begun and not (self.closes_at and self.closes_at <= now)

    @property
    def sort_name(self) -> str:
        """The English name where there is one, without case, accents and the character that parts keys."""
        letters = unicodedata.normalize("NFKD", self.name.read("en").casefold().replace("#", " "))
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
        return " ".join(plain.split())[:_LONGEST_SORT_NAME] or "~"

    def card(self, language: str) -> ShelfCard:
        """Of an entry that is on a shelf."""
        shown = {
            "name": self.name.read(language),
            "category_id": self.shelf,
            "image": self.image and url_of(self.image),
        }
        return ShelfCard(**{**dict(self), **shown})
