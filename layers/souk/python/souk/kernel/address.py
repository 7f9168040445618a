"""Where something goes, and how to reach who gets it."""

from typing import Annotated

from pydantic import (
    ConfigDict,
    Field,
)

from souk.kernel import masking
from souk.kernel.masking import Guarded
from souk.kernel.shapes import SHARED, Country, Email, Line, Mark, Noun, Phone, PostalCode

_MICRO = 1_000_000


class GeoPoint(Noun):
    """WGS 84, in millionths of a degree: integers, so that a point reads back as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True, **SHARED)

    latitude_micro: Annotated[int, Field(strict=True, ge=-90 * _MICRO, le=90 * _MICRO)]
    longitude_micro: Annotated[int, Field(strict=True, ge=-180 * _MICRO, le=180 * _MICRO)]


class Address(Noun):
    """A postal address; `region` is the state, province or canton where the country has one.

    `point` is where it lies, if that is known: some stores deliver only as far as they say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, **SHARED)

    name: Annotated[Line, Mark.WITHHELD]
    street: Annotated[Line, Mark.WITHHELD]
    city: Line
    region: Line | None = None
    postal_code: PostalCode = ""
    country: Country
    point: Annotated[GeoPoint | None, Mark.WITHHELD] = None


class Contact(Noun):
    """How to reach a buyer about an order."""

    model_config = ConfigDict(extra="forbid", frozen=True, **SHARED)

    name: Annotated[Line, Mark.WITHHELD]
    phone: Annotated[Phone, Guarded("members.contact", masking.tail)]
    email: Annotated[Email | None, Guarded("members.contact", masking.domain)] = None
