"""The audit trail: one command's line in it, and what of a changed noun it tells."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from souk.kernel.masking import Guarded
from souk.kernel.shapes import Mark, Noun

Fields = Mapping[str, Any]
WITHHELD = "withheld"  # stands for a value that the trail never holds: that it changed is all it tells
LONGEST = 300  # characters of one value; what is longer is cut, so that an entry stays small


class AuditChange(Noun):
    """One noun that was made (no `before`), changed or removed (no `after`): the fields that differ."""

    kind: str
    key: dict[str, Any]
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class AuditEntry(Noun):
    """What one command did to a subject. Never changed, never removed.

    `action` is the route or the task, `by` the caller; `request_id` is the request's, or the fact's that caused it.
    Of many nouns that were changed at once only the first are told, `more` counts the rest.
    """

    subject: str
    entry_id: str
    at: datetime
    action: str
    by: str
    by_kind: str
    ip: str = ""
    request_id: str
    reason: str | None = None
    details: dict[str, Any] = {}
    changes: tuple[AuditChange, ...] = ()
    more: int = 0


def difference(before: Fields, after: Fields, withheld: Collection[str] = ()) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was and what is, in the fields that differ."""
    was, now = {}, {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old != new:
            pair = (WITHHELD, WITHHELD) if name in withheld else _apart(old, new)
            was[name], now[name] = (_short(value) for value in pair)
    return was, now


@cache
def withheld(noun: type[BaseModel]) -> frozenset[str]:
    """The fields whose values stay out of the trail: persons' data, secrets, what not every role may see."""
    return frozenset(
        name for name, field in noun.model_fields.items() if _is_withheld(field.annotation, tuple(field.metadata))
    )


def _is_withheld(annotation: Any, marks: tuple[Any, ...]) -> bool:
    if Mark.SHOWN in marks:
        return False
    if Mark.WITHHELD in marks or any(isinstance(mark, Guarded) for mark in marks):
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(withheld(annotation))
    # In list[Annotated[...]] the marks are those of the argument.
    return any(_is_withheld(one, getattr(one, "__metadata__", ())) for one in get_args(annotation))


def _apart(old: Any, new: Any) -> tuple[Any, Any]:
    """Of lists and mappings only what one has and the other has not."""
    if isinstance(old, list) and isinstance(new, list):
        return [one for one in old if one not in new], [one for one in new if one not in old]
    if isinstance(old, dict) and isinstance(new, dict):
        changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        return {key: old.get(key) for key in changed}, {key: new.get(key) for key in changed}
    return old, new


def _short(value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= LONGEST else f"{text[:LONGEST]}…"
