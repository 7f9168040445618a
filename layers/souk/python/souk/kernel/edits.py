"""Edits by people: who changes a noun must have seen it as it is now."""

from typing import Any, TypeVar

from souk.kernel.errors import Conflict
from souk.kernel.shapes import Versioned

V = TypeVar("V", bound=Versioned)


class EditedMeanwhile(Conflict):
    title = "Somebody else changed it since it was read"


def edited(noun: V, seen_version: int, **changes: Any) -> V:
    """The noun with the changes; EditedMeanwhile where it is no longer the version that was seen."""
    if noun.version != seen_version:
        raise EditedMeanwhile(f"It is at version {noun.version}", version=noun.version)
    return noun.but(**changes)
