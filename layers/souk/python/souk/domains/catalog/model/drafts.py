"""What staff say of a product and of its SKUs."""

import math
from collections.abc import Mapping, Sequence
from itertools import product as combinations
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.types import StringConstraints

from souk.domains.catalog.model.product import AttributeValues, Images, Name, Option, OptionValue
from souk.domains.catalog.model.sku import MOST_SKUS, CostMinor, DuplicateChoice, Image, Sku, SkuTaken, Slug
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Refused
from souk.kernel.shapes import Count, Country, Id, Input, Minor, Texts, Version
from souk.kernel.shapes import Sku as SkuCode


class TooManySkus(Refused):
    title = f"A product has at most {MOST_SKUS} SKUs, those of removed values included"


class ValueInUse(Conflict):
    title = "There is stock, or an open order, of this value"


class SkuTooLong(Refused):
    title = "The SKU code made of product code and values is too long; give the SKU a code of its own"


class NoSuchChoice(Refused):
    title = "The product's options do not offer this choice"


LONGEST_CODE = 32


def _gtin(digits: str) -> str:
    """GS1 General Specifications: from the right, weighted 1 and 3 in turn, the digits sum to a multiple of ten."""
    if sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10:
        raise ValueError("has a wrong check digit")
    return digits


Barcode = Annotated[
    str, StringConstraints(strict=True, pattern=r"^(?:[0-9]{8}|[0-9]{12,14})$", max_length=14), AfterValidator(_gtin)
]

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


class _ProductWords(Input):
    name: Name
    description: Texts | None = None
    origin: Country | None = None
    category_id: Id
    type_id: Id | None = None
    attributes: AttributeValues = {}
    images: Images = ()


class ProductDraft(_ProductWords):
    """Its options are expanded to one SKU for every choice; `price_minor` is the price of those without their own."""

    code: SkuCode | None = None
    price_minor: Minor | None = None
    options: Annotated[tuple[Option, ...], Field(max_length=3)] = ()
    skus: Annotated[tuple[SkuDraft, ...], Field(max_length=MOST_SKUS)] = ()


class ProductEdit(_ProductWords):
    """What the product shall say from now on; its options, SKUs and listing have edits of their own."""

    version: Version


class ValueDraft(Input):
    """One more value of an option, with what is said of its SKUs; `version` is the product's."""

    version: Version
    value: OptionValue
    price_minor: Minor | None = None
    skus: Annotated[tuple[SkuDraft, ...], Field(max_length=MOST_SKUS)] = ()


def choices(options: Sequence[Option]) -> list[dict[str, str]]:
    """Every combination of one value of each option; without options there is one choice, the product itself."""
    codes = [option.code for option in options]
    if len(set(codes)) < len(codes):
        raise DuplicateChoice("Two options have the same code")
    if math.prod(len(option.values) for option in options) > MOST_SKUS:
        raise TooManySkus()
    every = combinations(*([value.code for value in option.values] for option in options))
    return [dict(zip(codes, one, strict=True)) for one in every]


def need_few(skus: Sequence[Sku]) -> None:
    if len(skus) > MOST_SKUS:
        raise TooManySkus()


def need_unused(held: Mapping[str, int]) -> None:
    """`held` are the units of each SKU that lie somewhere or are promised to somebody."""
    if used := {sku: units for sku, units in held.items() if units}:
        raise ValueInUse(f"{', '.join(sorted(used))} still has stock or open orders", units=used)


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
