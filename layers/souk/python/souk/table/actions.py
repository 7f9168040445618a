"""What a write is made of: the actions of one transaction."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from souk.table.conditions import Condition
from souk.table.port import At, Row


class Put(NamedTuple):
    row: Row
    only_if: tuple[Condition, ...] = ()

    @property
    def at(self) -> At:
        return At(str(self.row["PK"]), str(self.row["SK"]))


class Change(NamedTuple):
    """Counts numbers and sets attributes; makes the item where there was none and no condition forbids it."""

    at: At
    add: Mapping[str, int] = MappingProxyType({})
    set: Mapping[str, str | int] = MappingProxyType({})
    only_if: tuple[Condition, ...] = ()


class Check(NamedTuple):
    at: At
    only_if: tuple[Condition, ...]


class Delete(NamedTuple):
    at: At
    only_if: tuple[Condition, ...] = ()


Action = Put | Change | Check | Delete


class ConditionFailed(Exception):
    """The transaction did not happen; `action` is the first action whose condition did not hold."""

    def __init__(self, action: Action) -> None:
        self.action = action
        super().__init__(f"condition failed: {action}")
