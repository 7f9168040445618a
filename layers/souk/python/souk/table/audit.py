"""Who is doing what just now, so that a Unit writes down by itself what it changes, in the same transaction."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from pydantic import BaseModel

from souk.kernel import clock, correlation, ids
from souk.kernel.audit import AuditChange, AuditEntry, difference, withheld
from souk.kernel.caller import Caller
from souk.table import keys, record
from souk.table.entity import Entity, fill
from souk.table.port import At, Row

MOST_CHANGES = 10  # nouns told in one entry
_AUDITED = frozenset(entity.kind for entity in keys.ENTITIES if entity.audited)


class _Command(NamedTuple):
    by: Caller
    action: str
    loaded: dict[At, Row]


_command: ContextVar[_Command | None] = ContextVar("command", default=None)


class Touched(NamedTuple):
    """An item that a Unit puts (`row`) or removes (no `row`)."""

    entity: Entity
    at: At
    noun: type[BaseModel] | None = None
    row: Row | None = None


@contextmanager
def command(by: Caller | None, action: str = "") -> Iterator[None]:
    """What is committed inside is done by this caller; of somebody unknown there is nothing to write down."""
    before = _command.set(_Command(by, action, {}) if by else None)
    try:
        yield
    finally:
        _command.reset(before)


def told_by_itself() -> AbstractContextManager[None]:
    """What is committed inside says by itself who did it, when and whence: it has no entry beside it."""
    return command(None)


def loaded(rows: Iterable[Row]) -> None:
    """Remembers what a command has read: what it changes, it has read before, and `before` costs nothing."""
    doing = _command.get()
    if doing:
        doing.loaded.update((_at(row), row) for row in rows if row["kind"] in _AUDITED and {"body", "packed"} & {*row})


def entries(touched: Sequence[Touched], reason: str | None, details: Mapping[str, Any]) -> list[AuditEntry]:
    """One for each subject of the kind that was touched first; whatever else was changed with it is told there."""
    doing = _command.get()
    mine = [one for one in touched if doing and _is_told(one, doing)]
    if not doing or not mine:
        return []
    told: dict[str, list[AuditChange]] = {_subject(one, doing): [] for one in mine if one.entity is mine[0].entity}
    first = next(iter(told.values()))
    for one in mine:
        told.get(_subject(one, doing), first).append(_change(one, doing))
    return [
        AuditEntry(
            subject=subject,
            entry_id=ids.new("aud"),
            at=clock.now(),
            action=doing.action,
            by=doing.by.id,
            by_kind=doing.by.kind,
            ip=doing.by.ip,
            request_id=correlation.current(),
            # What buyers say stays with their order and case: from the trail nothing is ever taken away.
            reason=reason if doing.by.kind == "staff" else None,
            details=dict(details),
            changes=tuple(changes[:MOST_CHANGES]),
            more=max(0, len(changes) - MOST_CHANGES),
        )
        for subject, changes in told.items()
    ]


def _is_told(one: Touched, doing: _Command) -> bool:
    if one.row is None and one.at not in doing.loaded:  # nothing was there to be removed
        return False
    return doing.by.kind != "system" or not one.entity.own_history


def _subject(one: Touched, doing: _Command) -> str:
    return fill(str(one.entity.audited), _fields(one.row or doing.loaded[one.at]))


def _change(one: Touched, doing: _Command) -> AuditChange:
    before, after = _before(one, doing), _fields(one.row, one.noun) if one.row else None
    key = {name: (after or before or {})[name] for name in sorted(one.entity.main.fields)}
    # Of what is removed the class is not known here, and so not what may be told of it: only which it was.
    secret = withheld(one.noun) if one.noun else {*(before or {})} - {*key}
    was, now = difference(before or {}, after or {}, secret)
    return AuditChange(
        kind=one.entity.kind, key=key, before=None if before is None else was, after=None if after is None else now
    )


def _before(one: Touched, doing: _Command) -> dict[str, Any] | None:
    """As it was loaded, if that is what is replaced: the transaction itself makes sure of it, by the version."""
    row = doing.loaded.get(one.at)
    if row is None or (one.row and row.get("version") != int(one.row.get("version", 0)) - 1):
        return None
    return _fields(row, one.noun)


def _fields(row: Row, noun: type[BaseModel] | None = None) -> dict[str, Any]:
    """What is stored; what a card shows that is computed follows from the rest."""
    told = {**json.loads(record.text_of(row)), **{name: row[name] for name in record.BESIDE if name in row}}
    return {name: value for name, value in told.items() if not noun or name not in noun.model_computed_fields}


def _at(row: Row) -> At:
    return At(str(row["PK"]), str(row["SK"]))
