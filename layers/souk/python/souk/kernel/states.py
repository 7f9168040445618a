"""Lifecycles: a table of allowed moves beside the noun, and the one function that walks it."""

from collections.abc import Mapping, Set

from souk.kernel.errors import Conflict

States = Mapping[str, Set[str]]


class NotInThatState(Conflict):
    title = "That is not possible in the present state"


def move(states: States, current: str, to: str, noun: str) -> str:
    """`to`, where the table allows it from `current`; otherwise a Conflict that names both."""
    if to not in states[current]:
        raise NotInThatState(f"{noun} is {current} and cannot become {to}", state=current, wanted=to)
    return to
