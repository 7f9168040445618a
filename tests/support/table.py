"""Beside the table in use: its calls counted, and what happens between a command's reading and its writing."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from souk.table import current
from souk.table.keys import INDEXES
from souk.table.port import Action, Put, Row


def calls(patch: pytest.MonkeyPatch) -> list[str]:
    """Fills with the name of every call to the table from now on."""
    made: list[str] = []
    table = current.table()

    def counted(name: str) -> Callable[..., Any]:
        call = getattr(table, name)

        def count(*args: Any) -> Any:
            made.append(name)
            return call(*args)

        return count

    for name in ("read", "read_many", "query", "write"):
        patch.setattr(table, name, counted(name))
    return made


def before_next_write(patch: pytest.MonkeyPatch, meanwhile: Callable[[], Any], of: str | None = None) -> None:
    """Once: somebody else is quicker than the next command that writes, or writes an item `of` that kind."""
    table = current.table()
    write = table.write

    def write_late(actions: Sequence[Action], token: str) -> None:
        kinds = {action.row["kind"] for action in actions if isinstance(action, Put)}
        if of is None or of in kinds:
            patch.setattr(table, "write", write)
            meanwhile()
        write(actions, token)

    patch.setattr(table, "write", write_late)


def units_written(patch: pytest.MonkeyPatch) -> list[int]:
    """Fills with the write units of every transaction from now on, index copies included.

    By the rules of DynamoDB's developer guide: an item costs a unit for each begun kilobyte, twice that in a
    transaction; an index copy costs its own kilobytes, where it is new or what it shows has changed.
    """
    made: list[int] = []
    table = current.table()
    write = table.write

    def weigh(actions: Sequence[Action], token: str) -> None:
        before = {action.at: table.read(action.at) or {} for action in actions}
        write(actions, token)
        after = {at: table.read(at) or {} for at in before}
        made.append(sum(_units(before[at], after[at]) for at in before))

    patch.setattr(table, "write", weigh)
    return made


def _units(before: Row, after: Row) -> int:
    copies = ((_copy(before, index), _copy(after, index)) for index in INDEXES)
    changed = [max(old, new, key=len) for old, new in copies if old != new]
    return 2 * max(_kilobytes(before), _kilobytes(after)) + sum(_kilobytes(copy) for copy in changed)


def _copy(row: Row, index: str) -> Row:
    """What the index shows of the item; nothing where it does not stand in it."""
    shown = ("PK", "SK", "kind", "card", f"{index}pk", f"{index}sk")
    return {name: row[name] for name in shown if name in row} if f"{index}pk" in row else {}


def _kilobytes(row: Row) -> int:
    return -(-sum(len(name) + _bytes(value) for name, value in row.items()) // 1024)


def _bytes(value: str | int | bytes) -> int:
    return len(value if isinstance(value, bytes) else str(value).encode())
