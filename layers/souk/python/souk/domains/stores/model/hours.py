"""Opening hours."""

from functools import cache
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, model_validator
from pydantic.types import StringConstraints

from souk.kernel.shapes import Noun

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ClockTime = Annotated[str, StringConstraints(strict=True, pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]


# Each call reads six hundred files.
_zones = cache(available_timezones)


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("is not an IANA time zone")
    return name


TimeZone = Annotated[str, StringConstraints(strict=True, max_length=64), AfterValidator(_known_zone)]


class Hours(Noun):
    """From opening to closing on one day of the week, in the store's time zone; closing comes after opening."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: Day
    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("a store closes after it opens")
        return self
