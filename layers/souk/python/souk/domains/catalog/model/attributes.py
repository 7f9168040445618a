"""Product types: what is told of a kind of product, each thing with its type, and whether a product tells it so."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from souk.domains.catalog.model.product import AttributeValue, Name, OptionValue
from souk.domains.catalog.model.shop import ShopAttribute, ShopChoice
from souk.domains.catalog.model.sku import Slug
from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.shapes import Flag, Input, Line, Noun, Texts, Version, Versioned

Kind = Literal["text", "integer", "decimal", "boolean", "choice", "choices"]
MOST_TYPES = 200
_CHOSEN = {"choice", "choices"}
_DECIMAL = re.compile(r"(-?)0*(\d{1,15})(?:\.(\d{1,6}))?")


class NoSuchProductType(Missing):
    title = "No such product type"


class UnknownProductType(Refused):
    title = "There is no such product type"


class TooManyProductTypes(Refused):
    title = f"The shop has at most {MOST_TYPES} product types"


class WrongAttribute(Refused):
    title = "An attribute is not what the product type says"


class ProductTypeInUse(Conflict):
    title = "Products use this type: it may only become wider"


class Attribute(Noun):
    """`decimals` is how many a decimal has at most; lists of the shop can be narrowed down by what is `filterable`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Slug
    name: Name
    kind: Kind
    unit: Annotated[Line, Field(max_length=20)] | None = None
    required: Flag = False
    filterable: Flag = False
    decimals: Annotated[int, Field(strict=True, ge=0, le=6)] = 0
    choices: Annotated[tuple[OptionValue, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        codes = [choice.code for choice in self.choices]
        if len(set(codes)) < len(codes):
            raise ValueError("two choices have the same code")
        if bool(codes) != (self.kind in _CHOSEN):
            raise ValueError("a choice, and nothing else, has choices")
        if bool(self.decimals) != (self.kind == "decimal"):
            raise ValueError("a decimal, and nothing else, has decimals")
        if self.filterable and self.kind == "text":
            raise ValueError("a text is not filterable: make it a choice")
        return self

    def read(self, value: AttributeValue) -> AttributeValue:
        """The value in its one spelling; WrongAttribute where it is of another type."""
        found = self._fitting(value)
        if found is None:
            raise WrongAttribute(f"{self.code} must be {self._wanted()}", attribute=self.code)
        return found

    def _fitting(self, value: AttributeValue) -> AttributeValue | None:
        codes = {choice.code for choice in self.choices}
        match self.kind, value:
            case ("boolean", bool()) | ("text", Texts()):
                return value
            case "integer", int() if not isinstance(value, bool):
                return value
            case "decimal", str():
                return _decimal(value, self.decimals)
            case "choice", str() if value in codes:
                return value
            case "choices", tuple() if codes.issuperset(value):
                return tuple(choice.code for choice in self.choices if choice.code in value)
        return None

    def _wanted(self) -> str:
        kinds = {
            "text": "a text in the shop's languages",
            "integer": "a whole number",
            "decimal": f'a number as text with at most {self.decimals} decimals, such as "1.5"',
            "boolean": "true or false",
            "choice": "one of " + ", ".join(choice.code for choice in self.choices),
            "choices": "a list out of " + ", ".join(choice.code for choice in self.choices),
        }
        return kinds[self.kind]

    def is_within(self, wider: "Attribute") -> bool:
        """Whether whatever was said by this attribute reads the same by the other one."""
        kept = ("kind", "unit", "filterable")
        return (
            all(getattr(self, name) == getattr(wider, name) for name in kept)
            and (self.required or not wider.required)
            and self.decimals <= wider.decimals
            and {choice.code for choice in self.choices} <= {choice.code for choice in wider.choices}
        )

    def facets(self, value: AttributeValue) -> Iterator[str]:
        for one in value if isinstance(value, tuple) else (value,):
            yield f"{self.code}:{str(one).lower() if isinstance(one, bool) else one}"

    def shown(self, value: AttributeValue, language: str) -> "ShopAttribute":
        names = {choice.code: choice.name.read(language) for choice in self.choices}
        said: str | int | bool | tuple[ShopChoice, ...]
        if self.kind in _CHOSEN:
            chosen = value if isinstance(value, tuple) else (str(value),)
            said = tuple(ShopChoice(code=code, name=names.get(code, code)) for code in chosen)
        else:
            said = value.read(language) if isinstance(value, Texts) else value  # type: ignore[assignment]
        return ShopAttribute(code=self.code, name=self.name.read(language), unit=self.unit, value=said)


Attributes = Annotated[tuple[Attribute, ...], Field(min_length=1, max_length=40)]


class ProductTypeDraft(Input):
    name: Name
    attributes: Attributes

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len({one.code for one in self.attributes}) < len(self.attributes):
            raise ValueError("two attributes have the same code")
        return self


class ProductTypeEdit(ProductTypeDraft):
    """What the type shall be from now on; while products use it, it may only become wider."""

    version: Version


class ProductType(Versioned):
    """`products` counts those that use it and are not deleted."""

    type_id: str
    name: Name
    attributes: tuple[Attribute, ...]
    products: int = 0

    def read(self, values: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        """What is told of a product, in the declared order; WrongAttribute names the first that does not fit."""
        known = {one.code for one in self.attributes}
        if strange := next((code for code in values if code not in known), None):
            raise WrongAttribute(f"{strange} is no attribute of this type", attribute=strange)
        if missing := next((one.code for one in self.attributes if one.required and one.code not in values), None):
            raise WrongAttribute(f"{missing} must be told", attribute=missing)
        return {one.code: one.read(values[one.code]) for one in self.attributes if one.code in values}

    def facets(self, values: Mapping[str, AttributeValue]) -> tuple[str, ...]:
        told = (one for one in self.attributes if one.filterable and one.code in values)
        return tuple(facet for one in told for facet in one.facets(values[one.code]))

    def in_order(self, values: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        return {one.code: values[one.code] for one in self.attributes if one.code in values}

    def shown(self, values: Mapping[str, AttributeValue], language: str) -> tuple[ShopAttribute, ...]:
        return tuple(one.shown(values[one.code], language) for one in self.attributes if one.code in values)

    def need_wider(self, attributes: Sequence[Attribute]) -> None:
        """While products use the type: refuses what would make wrong, or hide, what one of them tells."""
        if not self.products:
            return
        later = {one.code: one for one in attributes}
        for one in self.attributes:
            if one.code not in later or not one.is_within(later.pop(one.code)):
                raise ProductTypeInUse(f"{one.code} would become narrower", attribute=one.code)
        if needed := next((one.code for one in later.values() if one.required), None):
            raise ProductTypeInUse(f"{needed} is new and cannot be required", attribute=needed)


def _decimal(text: str, decimals: int) -> str | None:
    """`-007.50` -> `-7.5`: one spelling for one number, so that it compares and filters as text."""
    found = _DECIMAL.fullmatch(text)
    if not found:
        return None
    sign, whole, part = found[1], found[2], (found[3] or "").rstrip("0")
    if len(part) > decimals:
        return None
    number = f"{whole}.{part}" if part else whole
    return number if number == "0" else sign + number
