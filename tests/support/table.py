"""Beside the table in use: its calls counted, and what happens between a command's reading and its writing."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from souk.table import current
from souk.table.actions import Action, Put
from souk.table.keys import INDEXES
from souk.table.port import Row
from tests.support import usage


def calls(
    patch: pytest.MonkeyPatch, of: str | None = None, then: Callable[[int], Any] = lambda number: None
) -> list[str]:
    """Fills with the name of every call to the table from now on, or of those `of` one function.

    `then` is what happens between a call and what follows from it; it is told which call it was, from one.
    """
    made: list[str] = []
    table = current.table()

    def counted(name: str) -> Callable[..., Any]:
        call = getattr(table, name)

        def count(*args: Any) -> Any:
            if of not in (None, usage.whose()):
                return call(*args)
            made.append(name)
            answer = call(*args)
            then(len(made))
            return answer

        return count

    for name in ("read", "read_many", "read_at_once", "query", "write"):
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


def writes_at_once(patch: pytest.MonkeyPatch) -> list[int]:
    """Fills with the number of writes of every transaction from now on."""
    made: list[int] = []
    table = current.table()
    write = table.write

    def counted(actions: Sequence[Action], token: str) -> None:
        made.append(len(actions))
        write(actions, token)

    patch.setattr(table, "write", counted)
    return made


def units_written(patch: pytest.MonkeyPatch) -> list[int]:
    """Fills with the write units of every transaction from now on, index copies included.

    By the rules of DynamoDB's developer guide: an item costs a unit for each begun kilobyte, twice that in a
    transaction; an index copy costs its own kilobytes, where it is new or what it shows has changed.
    """
    made: list[int] = []
    watch_writes(patch, lambda items: made.append(sum(item_units(*one) + index_units(*one) for one in items)))
    return made


def watch_writes(patch: pytest.MonkeyPatch, seen: Callable[[list[tuple[Row, Row]]], Any]) -> None:
    """Shows after every transaction what each of its items was and what it is; an empty row is none."""
    table = current.table()
    write = table.write

    def watched(actions: Sequence[Action], token: str) -> None:
        with usage.running(None):
            before = {action.at: table.read(action.at) or {} for action in actions}
        write(actions, token)
        with usage.running(None):
            seen([(was, table.read(at) or {}) for at, was in before.items()])

    patch.setattr(table, "write", watched)


def item_units(before: Row, after: Row) -> int:
    return 2 * max(1, _kilobytes(before), _kilobytes(after))


def index_units(before: Row, after: Row) -> int:
    return sum(units for _, _, units in index_writes(before, after))


def index_writes(before: Row, after: Row) -> Iterator[tuple[str, str, int]]:
    """Index, partition and units. A copy whose key has changed is written twice: out of its old place and into the new
    one.
    """
    for index in INDEXES:
        old, new = _copy(before, index), _copy(after, index)
        if old == new:
            continue
        moves = old and new and any(old[f"{index}{key}"] != new[f"{index}{key}"] for key in ("pk", "sk"))
        written = (old, new) if moves else (max(old, new, key=_kilobytes),)
        yield from ((index, str(copy[f"{index}pk"]), _kilobytes(copy)) for copy in written)


def stored(row: Row) -> int:
    """The bytes that are paid for each month: of the item and its copies, and 100 more for each of them."""
    return sum(size(one) + 100 for one in (row, *(_copy(row, index) for index in INDEXES)) if one)


def _copy(row: Row, index: str) -> Row:
    """What the index shows of the item; nothing where it does not stand in it."""
    shown = ("PK", "SK", "kind", "card", f"{index}pk", f"{index}sk")
    return {name: row[name] for name in shown if name in row} if f"{index}pk" in row else {}


def _kilobytes(row: Row) -> int:
    return -(-size(row) // 1024)


def size(row: Row) -> int:
    return sum(len(name) + _bytes(value) for name, value in row.items())


def _bytes(value: str | int | bytes) -> int:
    return len(value if isinstance(value, bytes) else str(value).encode())
