"""Listing: whether a product is on the shelf, since when, by whom and why."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator

from souk.domains.catalog.model.product import Name, Product
from souk.domains.catalog.model.sku import Sku, SkuState
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Input, Line, Moment, Noun, Versioned

Action = Literal["listed", "delisted", "planned", "unplanned", "not_listed", "deleted"]
FARTHEST = timedelta(days=366)
_LONGEST_SORT_NAME = 100


class NothingToSell(Conflict):
    title = "No SKU of the product has a price"


class NotInTheFuture(Refused):
    title = "A listing is planned for a time to come, within a year"


def _whole_second(at: datetime) -> datetime:
    """Timers go by whole seconds: rounded up, for nothing is to be had before its time."""
    return at.replace(microsecond=0) + timedelta(seconds=1 if at.microsecond else 0)


class Reason(Input):
    """Why, for the history."""

    reason: Line | None = None


class Delisting(Input):
    reason: Line


class Plan(Input):
    list_at: Annotated[Moment, AfterValidator(_whole_second)]

    def need_to_come(self, now: datetime) -> None:
        if not now < self.list_at <= now + FARTHEST:
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


class ShelfCard(Noun):
    """A product in a list of the shop."""

    product_id: str
    name: str
    category_id: str
    listed_at: datetime
    price_from_minor: int
    currency: str
    image: str | None = None


class ShelfPlace(Noun):
    """All that an index says: the entry itself is read anew, for an index may lag behind."""

    product_id: str


class ShelfEntry(Versioned):
    """How a product stands in the lists of the shop.

    Made anew by whatever changes the product, one of its SKUs, or whether one of them can be had; the version keeps
    two such changes apart. `shelf` is its category while there is something to sell, else None.
    """

    product_id: str
    shelf: str | None = None
    listed_at: datetime | None = None
    name: Name
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
        shown = product.status == "listed" and bool(prices)
        return cls(
            product_id=product.product_id,
            shelf=product.category_id if shown else None,
            listed_at=product.listed_at,
            name=product.name,
            price_from_minor=min(prices, default=0),
            currency=product.currency,
            image=product.image,
            in_stock=any(sku.sellable and sku.sku in to_be_had for sku in skus),
            version=version,
        )

    @property
    def sort_name(self) -> str:
        """The English name where there is one, without case, accents and the character that parts keys."""
        letters = unicodedata.normalize("NFKD", self.name.read("en").casefold().replace("#", " "))
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
        return " ".join(plain.split())[:_LONGEST_SORT_NAME] or "~"

    def card(self, language: str) -> ShelfCard:
        """Of an entry that is on a shelf."""
        return ShelfCard(**{**dict(self), "name": self.name.read(language), "category_id": self.shelf})
