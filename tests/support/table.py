"""Beside the table in use: its calls counted, and what happens between a command's reading and its writing."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from souk.table import current
from souk.table.port import Action, Put


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
