"""The shapes that every noun is made of: bounded, strict field types and the three kinds of model."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

MAX_MINOR = 10**12  # ten thousand million in a currency of two decimals: sums of 90 lines stay far below 2**63


def _printable(text: str) -> str:
    """Refuses lone surrogates, NUL and control characters, and the marks that reorder or hide text."""
    hidden = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0x200B, 0x2010), 0xFEFF}
    for character in text:
        code = ord(character)
        if 0xD800 <= code <= 0xDFFF or code in hidden or (code < 32 and character not in "\n\t") or 127 <= code < 160:
            raise ValueError("has characters that cannot be shown")
    return text


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("needs a time zone")
    if not 1970 < at.year < 2100:  # what order numbers and timers can tell
        raise ValueError("is not a time of this shop")
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def _plain(pattern: str, longest: int) -> StringConstraints:
    return StringConstraints(strict=True, pattern=pattern, max_length=longest)


Line = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_printable)
]
Prose = Annotated[str, StringConstraints(strict=True, max_length=5000), AfterValidator(_printable)]
Id = Annotated[str, _plain(r"^[A-Za-z0-9_-]{1,64}$", 64)]
Sku = Annotated[str, _plain(r"^[A-Z0-9](?:[A-Z0-9-]{0,30}[A-Z0-9])?$", 32)]
Currency = Annotated[str, _plain(r"^[A-Z]{3}$", 3)]
Country = Annotated[str, _plain(r"^[A-Z]{2}$", 2)]
Email = Annotated[str, _plain(r"^[^@\s]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$", 254)]
Phone = Annotated[str, _plain(r"^\+?[0-9][0-9 ().-]{4,30}$", 32)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=9_999)]
Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Minor = Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR)]
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]
Seconds = Annotated[int, Field(strict=True, ge=0, le=400 * 86_400)]
Version = Annotated[int, Field(strict=True, ge=1)]
Flag = Annotated[bool, Field(strict=True)]
Moment = Annotated[datetime, Field(strict=False), AfterValidator(_utc)]
Language = Literal["en", "zh"]


class Input(BaseModel):
    """What a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Noun(BaseModel):
    """What the shop keeps. Fields that an older release does not know yet are passed over when read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def but(self, **changes: Any) -> Self:
        """The same noun with some fields changed; the original stays as it is."""
        return self.model_copy(update=changes)


class Versioned(Noun):
    """A noun that several people may edit: every accepted change counts `version` up, 0 is not saved yet."""

    version: int = 0


class Texts(Noun):
    """One text in the shop's languages; at least one of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: Prose | None = None
    zh: Prose | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not (self.en or self.zh):
            raise ValueError("needs a text in at least one language")
        return self

    def read(self, language: str) -> str:
        return (self.zh if language == "zh" else self.en) or self.en or self.zh or ""


class Address(Noun):
    """A postal address; `region` is the state, province or canton where the country has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    street: Line
    city: Line
    region: Line | None = None
    postal_code: Annotated[str, _plain(r"^[A-Za-z0-9 -]{0,12}$", 12)] = ""
    country: Country


class Contact(Noun):
    """How to reach a buyer about an order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    phone: Phone
    email: Email | None = None
