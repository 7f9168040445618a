"""Shelves: how a product stands in the lists of the shop."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from souk.domains.catalog.model.product import Name, Product
from souk.domains.catalog.model.sku import Sku, SkuState, url_of
from souk.kernel.shapes import Noun, ShownPrice, Versioned

_LONGEST_SORT_NAME = 100


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
