"""What a write may depend on: a handful of small values, spelled for DynamoDB elsewhere."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Absent:
    """No item lies at the key."""


@dataclass(frozen=True)
class Present:
    """An item lies at the key."""


class AtLeast(NamedTuple):
    """A number kept beside the body is not below `least`."""

    name: str
    least: int


class AtMost(NamedTuple):
    """A number kept beside the body is not above `most`; one that was never counted is not either."""

    name: str
    most: int


class Equals(NamedTuple):
    """An attribute beside the body has exactly this value."""

    name: str
    value: int | str


Condition = Absent | Present | AtLeast | AtMost | Equals


def at_least(name: str, least: int) -> AtLeast:
    return AtLeast(name, least)


def version(number: int) -> Condition:
    """The item as it was read: 0 means it was not there."""
    return Equals("version", number) if number else Absent()
