"""The SKU: one choice of a product's options with its price, and what others may know of it."""

from typing import Annotated

from pydantic.types import StringConstraints

from souk.kernel import masking, settings
from souk.kernel.errors import Conflict, Missing
from souk.kernel.masking import Guarded
from souk.kernel.shapes import Minor, Noun, Texts, Versioned

MOST_SKUS = 40  # each writes itself and its claim, and one transaction holds 100 writes


class NoSuchSku(Missing):
    title = "The product has no such SKU"


class DuplicateChoice(Conflict):
    title = "Two SKUs would stand for the same choice"


class SkuTaken(Conflict):
    title = "This SKU code is in use; one that was used once is never used for something else"


Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$", max_length=32)]
# A web address, or the key of a file that was sent up.
Image = Annotated[
    str,
    StringConstraints(
        strict=True,
        max_length=400,
        pattern=(
            r"^(?:https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[A-Za-z0-9._~%/?&=+,:;@-]*"
            r"|[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*(?:\.[A-Za-z0-9]+)?)$"
        ),
    ),
]


def url_of(image: str) -> str:
    """Where the picture is fetched from: a file that was sent up lies below the shop's own address for media."""
    return image if image.startswith("https://") else f"{settings.media_url()}/{image}"


# What a unit costs the shop itself.
CostMinor = Annotated[Minor | None, Guarded("catalog.cost", masking.hidden)]


class Sku(Versioned):
    """What is bought, stocked and counted. `active` ends with its option value and may begin again."""

    sku: str
    product_id: str
    options: dict[str, str] = {}
    price_minor: int | None = None
    image: str | None = None
    barcode: str | None = None
    weight_g: int = 0
    cost_minor: CostMinor = None
    active: bool = True

    @property
    def sellable(self) -> bool:
        return self.active and self.price_minor is not None

    @property
    def choice(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.options.items())


class SkuClaim(Noun):
    """That a code belongs to a product, for ever: orders, stock and labels speak of it."""

    sku: str
    product_id: str
    merchant_id: str | None = None


class SkuState(Versioned):
    """Whether the SKU can be had somewhere; `available` is capped, for it is shown to everybody."""

    product_id: str
    sku: str
    in_stock: bool
    available: int = 0


class Offer(Noun):
    """A SKU as a cart and an order need it, at this moment's price; the price counts only where it is sellable."""

    sku: str
    product_id: str
    merchant_id: str | None
    category_id: str
    name: Texts
    options: dict[str, str]
    price_minor: int
    currency: str
    weight_g: int
    image: str | None
    sellable: bool

    def sold_in(self, currency: str, even_if_delisted: bool = False) -> bool:
        """On sale, and priced in the currency that the shop takes now."""
        return (self.sellable or even_if_delisted) and self.currency == currency
