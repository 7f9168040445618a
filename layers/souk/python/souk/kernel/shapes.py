"""The shapes that every noun is made of: bounded, strict field types and the three kinds of model."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.types import StringConstraints

MAX_MINOR = 10**12  # ten thousand million in a currency of two decimals: sums of 90 lines stay far below 2**63
MOST_UNITS = 9_999
_UNSHOWN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, marks that hide or reorder text, half characters, separators
_JOINERS = "\u200c\u200d"  # hide nothing: Persian, Hindi and emoji are written with them
_MOST_MARKS = 30  # in a row: the Stream-Safe Text Format of UAX #15, more than any language needs


def _line(text: str) -> str:
    """In NFC, so that what looks the same is the same; refused where a character cannot be shown."""
    return _shown(text, _JOINERS)


def _prose(text: str) -> str:
    """As a line, of several lines."""
    return _shown(text, _JOINERS + "\n\t")


def _sheet(text: str) -> str:
    """As prose, whichever way its lines end."""
    return _prose(text.replace("\r\n", "\n"))


def _shown(text: str, allowed: str) -> str:
    composed, marks = unicodedata.normalize("NFC", text), 0
    if composed.isprintable() and (composed.isascii() or len(composed) <= _MOST_MARKS):
        return composed
    for character in composed:
        kind, code = unicodedata.category(character), ord(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        no_character = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
        if marks > _MOST_MARKS or no_character or (kind in _UNSHOWN and character not in allowed):
            raise ValueError("has characters that cannot be shown")
    return composed


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("needs a time zone")
    if not 1970 < at.year < 2100:  # what order numbers and timers can tell
        raise ValueError("is not a time of this shop")
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def international(phone: str) -> str | None:
    """E.164: what a text message can be sent to; None where the number does not say its country."""
    return "+" + "".join(filter(str.isdigit, phone)) if phone.startswith("+") else None


def _as_text(pattern: str) -> BeforeValidator:
    """Only what is written like this: pydantic by itself would also take ` 3 `, `1_0`, and seconds since 1970."""

    def check(given: Any) -> Any:
        if not isinstance(given, date) and not (isinstance(given, str) and re.fullmatch(pattern, given, re.ASCII)):
            raise ValueError("is not written as it should be")
        return given

    return BeforeValidator(check)


def _plain(pattern: str, longest: int) -> StringConstraints:
    return StringConstraints(strict=True, pattern=pattern, max_length=longest)


Line = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_line)
]
Prose = Annotated[str, StringConstraints(strict=True, max_length=5000), AfterValidator(_prose)]
# A small spreadsheet as CSV.
Sheet = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100_000), AfterValidator(_sheet)]
XmlText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200_000), AfterValidator(_sheet)]
Id = Annotated[str, _plain(r"^[A-Za-z0-9_-]{1,64}$", 64)]
Sku = Annotated[str, _plain(r"^[A-Z0-9](?:[A-Z0-9-]{0,30}[A-Z0-9])?$", 32)]
Currency = Annotated[str, _plain(r"^[A-Z]{3}$", 3)]
Country = Annotated[str, _plain(r"^[A-Z]{2}$", 2)]
PostalCode = Annotated[str, _plain(r"^[A-Za-z0-9 -]{0,12}$", 12)]
# As in HTML: https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
_LOCAL, _AT_DOMAIN = "A-Za-z0-9.!$%&'*+/=?^_`{|}~-", r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+$"
Email = Annotated[str, _plain(rf"^[#{_LOCAL}]{{1,64}}{_AT_DOMAIN}", 254)]
# Without `#`, which parts the keys of the table, and in lower case: the user pool tells no capitals from small letters.
SignInEmail = Annotated[
    str,
    StringConstraints(strict=True, max_length=254, to_lower=True, pattern=rf"^[{_LOCAL}]{{1,64}}{_AT_DOMAIN}"),
]
Phone = Annotated[str, _plain(r"^\+?[0-9][0-9 ().-]{4,30}$", 32)]
MobileNumber = Annotated[
    str,
    StringConstraints(strict=True, max_length=32, pattern=r"^\+[1-9](?:[ ().-]?[0-9]){7,14}$"),
    AfterValidator(international),
]
Quantity = Annotated[int, Field(strict=True, ge=1, le=MOST_UNITS)]
Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Minor = Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR)]
BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]
Seconds = Annotated[int, Field(strict=True, ge=0, le=400 * 86_400)]
Version = Annotated[int, Field(strict=True, ge=1, le=10**9)]
Flag = Annotated[bool, Field(strict=True)]
# RFC 3339.
Month = Annotated[str, _plain(r"^(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])$", 7)]  # as 2026-11
Date = Annotated[date, Field(strict=False), _as_text(r"\d{4}-\d\d-\d\d")]
# Days that have a beginning and an end in every time zone.
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2999, 12, 30)
Moment = Annotated[
    datetime,
    Field(strict=False),
    _as_text(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)"),
    AfterValidator(_utc),
]
Number = Annotated[int, _as_text(r"\d{1,9}")]  # in a path or a query
Language = Literal["en", "zh"]


def units_by_sku(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """In the order of their first mention; the same SKU twice is summed."""
    summed: dict[str, int] = {}
    for sku, units in lines:
        summed[sku] = summed.get(sku, 0) + units
    return summed


class Mark(Enum):
    """In a field's `Annotated`: of a person's data and of secrets the audit trail tells only that they changed."""

    WITHHELD = "withheld"
    SHOWN = "shown"  # though it holds something of a kind that is withheld elsewhere


# Of what several others hold and hardly a start imports in vain: they take over a model that is built before them, and
# each spells out anew one that is not.
SHARED = ConfigDict(defer_build=False)


class Input(BaseModel):
    """What a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Noun(BaseModel):
    """What the shop keeps. Fields that an older release does not know yet are passed over when read."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    def but(self, **changes: Any) -> Self:
        """The same noun with some fields changed; the original stays as it is."""
        return self.model_copy(update=changes)


class Versioned(Noun):
    """A noun that several people may edit: every accepted change counts `version` up, 0 is not saved yet."""

    version: int = 0


class Texts(Noun):
    """One text in the shop's languages; at least one of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, **SHARED)

    en: Prose | None = None
    zh: Prose | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not (self.en or self.zh):
            raise ValueError("needs a text in at least one language")
        return self

    def read(self, language: str) -> str:
        return (self.zh if language == "zh" else self.en) or self.en or self.zh or ""


class ShownPrice(Noun):
    """A price in another currency than it is paid in: by whose rate, of when, and whether that is too old."""

    currency: str
    minor: int
    source: str
    at: datetime
    stale: bool
