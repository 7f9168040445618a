"""The catalogue as the shop shows it, in one language."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic.types import StringConstraints

from souk.domains.catalog.model.product import Medium
from souk.domains.catalog.model.sku import url_of
from souk.kernel.shapes import Noun

Sort = Literal["newest", "price_asc", "price_desc", "name"]

# `colour:red,size:m`: what the shop's lists can be narrowed down by.
Filter = Annotated[
    str,
    StringConstraints(
        max_length=400,
        pattern=r"^[a-z0-9-]{1,32}:[A-Za-z0-9.-]{1,32}(?:,[a-z0-9-]{1,32}:[A-Za-z0-9.-]{1,32}){0,4}$",
    ),
]


class ShopChoice(Noun):
    code: str
    name: str


class ShopAttribute(Noun):
    """What is told of a product, in one language; of a choice, what is chosen."""

    code: str
    name: str
    unit: str | None = None
    value: bool | int | str | tuple[ShopChoice, ...]


class ShopCategory(Noun):
    """A category in the tree as buyers see it, depth first, in one language."""

    category_id: str
    parent_id: str | None = None
    name: str
    depth: int


class ShopMedium(Noun):
    url: str
    content_type: str
    role: str
    alt: str = ""


def for_shop(media: Sequence[Medium], language: str) -> tuple[ShopMedium, ...]:
    return tuple(
        ShopMedium(
            url=url_of(one.key),
            content_type=one.content_type,
            role=one.role,
            alt=one.alt.read(language) if one.alt else "",
        )
        for one in media
    )
