"""What is told of products."""

from datetime import datetime

from souk.kernel.fact import Fact


class ProductListed(Fact):
    product_id: str
    by: str


class ProductDelisted(Fact):
    product_id: str
    reason: str
    by: str


class ListingTimed(Fact):
    """When the product shall be listed and taken off by itself; None: not any more."""

    product_id: str
    list_at: datetime | None
    delist_at: datetime | None = None


class PriceChanged(Fact):
    """None stands for a SKU without a price, which is not for sale."""

    sku: str
    product_id: str
    old_minor: int | None
    new_minor: int | None
    currency: str
