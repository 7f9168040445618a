"""A product as staff see it: in a list, and with all its SKUs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from souk.domains.catalog.model.product import Name, Product, SoldOut
from souk.domains.catalog.model.sku import Sku
from souk.kernel.shapes import Noun


class ProductCard(Noun):
    """A product in a list of staff."""

    product_id: str
    merchant_id: str | None = None
    code: str
    name: Name
    category_id: str
    status: str
    changed_at: datetime
    list_at: datetime | None = None
    delist_at: datetime | None = None
    image: str | None = None
    off_for_merchant: bool = False


class Listing(Noun):
    """How a product stands: `list_at` and `delist_at` are when it will be listed and taken off by itself."""

    product_id: str
    status: str
    listed_at: datetime | None = None
    list_at: datetime | None = None
    delist_at: datetime | None = None
    sold_out: SoldOut | None = None

    @classmethod
    def of(cls, product: Product) -> Self:
        return cls(**dict(product))


class ProductSheet(Product):
    """A product as staff see it, with all its SKUs."""

    skus: tuple[Sku, ...]

    @classmethod
    def of(cls, product: Product, skus: Iterable[Sku]) -> Self:
        return cls(**dict(product), skus=tuple(skus))
