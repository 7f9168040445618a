"""The SKU: one choice of a product's options with its price, and what others may know of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from souk.kernel import masking, settings
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.masking import Guarded
from souk.kernel.shapes import Count, Input, Minor, Noun, Texts, Version, Versioned
from souk.kernel.shapes import Sku as SkuCode

MOST_SKUS = 40  # each writes itself and its claim, and one transaction holds 100 writes
LONGEST_CODE = 32


class NoSuchSku(Missing):
    title = "The product has no such SKU"


class NoSuchChoice(Refused):
    title = "The product's options do not offer this choice"


class DuplicateChoice(Conflict):
    title = "Two SKUs would stand for the same choice"


class SkuTaken(Conflict):
    title = "This SKU code is in use; one that was used once is never used for something else"


class SkuTooLong(Refused):
    title = "The SKU code made of product code and values is too long; give the SKU a code of its own"


def _gtin(digits: str) -> str:
    """GS1 General Specifications: from the right, weighted 1 and 3 in turn, the digits sum to a multiple of ten."""
    if sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10:
        raise ValueError("has a wrong check digit")
    return digits


Slug = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$", max_length=32)]
Barcode = Annotated[
    str, StringConstraints(strict=True, pattern=r"^(?:[0-9]{8}|[0-9]{12,14})$", max_length=14), AfterValidator(_gtin)
]
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
# Which value is chosen of each option: {"colour": "black", "capacity": "600ml"}.
Choice = Annotated[dict[Slug, Slug], Field(max_length=3)]


class _SkuWords(Input):
    price_minor: Minor | None = None
    image: Image | None = None
    barcode: Barcode | None = None
    weight_g: Count = 0
    cost_minor: CostMinor = None

    def need_permission(self, by: Caller) -> None:
        """Who may not see what a SKU costs the shop may not set it either."""
        if "cost_minor" in self.model_fields_set:
            by.need("catalog.cost")


class SkuDraft(_SkuWords):
    """What is said of one choice; without a code the SKU is named by the product's code and the values."""

    options: Choice = {}
    sku: SkuCode | None = None


class SkuEdit(_SkuWords):
    """Any of the fields, with the version they were read at; a price of null takes the SKU off sale."""

    version: Version


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


def expanded(
    product_id: str,
    code: str,
    choices: Sequence[Mapping[str, str]],
    drafts: Sequence[SkuDraft],
    price_minor: int | None,
    gone: Sequence[Sku] = (),
) -> list[Sku]:
    """One SKU for each choice: as drafted, or named by its values and at the product's price.

    A choice that once had a SKU, now among the `gone`, gets that one back as it was.
    """
    drafted = {frozenset(draft.options.items()): draft for draft in drafts}
    offered = {frozenset(choice.items()): choice for choice in choices}
    back = {sku.choice: sku.but(active=True) for sku in gone}
    if len(offered) < len(choices) or len(drafted) < len(drafts):
        raise DuplicateChoice()
    if strange := drafted.keys() - offered.keys():
        raise NoSuchChoice(options=dict(min(strange, key=sorted)))
    if known := drafted.keys() & back.keys():
        raise DuplicateChoice("This choice gets back the SKU it had", sku=back[min(known, key=sorted)].sku)
    skus = [
        back.get(key) or _made(product_id, code, choice, drafted.get(key, SkuDraft()), price_minor)
        for key, choice in offered.items()
    ]
    codes = [sku.sku for sku in skus]
    if twice := next((one for one in codes if codes.count(one) > 1), None):
        raise SkuTaken(sku=twice)
    return skus


def _made(product_id: str, code: str, choice: Mapping[str, str], draft: SkuDraft, price_minor: int | None) -> Sku:
    price = price_minor if draft.price_minor is None else draft.price_minor
    return Sku(
        sku=draft.sku or _derived(code, choice),
        product_id=product_id,
        options=dict(choice),
        price_minor=price,
        image=draft.image,
        barcode=draft.barcode,
        weight_g=draft.weight_g,
        cost_minor=draft.cost_minor,
    )


def _derived(code: str, choice: Mapping[str, str]) -> str:
    """`TEA-LJ` in 50g -> `TEA-LJ-50G`."""
    made = "-".join((code, *choice.values())).upper()
    if len(made) > LONGEST_CODE:
        raise SkuTooLong(sku=made)
    return made
