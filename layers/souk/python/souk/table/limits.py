"""How often something may be tried: counters in fixed windows of time, each an item that the table forgets again."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from souk.kernel import clock, ids
from souk.kernel.errors import Refusal, TooMany
from souk.kernel.shapes import Noun
from souk.table import ask, keys
from souk.table.ask import Rows
from souk.table.conditions import AtMost
from souk.table.port import At
from souk.table.unit import AlreadyThere, Unit


class Limit(NamedTuple):
    """At most so many tries of one subject within each window; `name` tells what is tried and by whom it is counted."""

    name: str
    most: int
    window: timedelta


class Tries(Noun):
    """Tries in one window: it is part of the key, so a window that is over counts for nothing, deleted or not."""

    limit: str
    subject: str
    window: int
    tries: int = 0
    expires_at: datetime | None = None


def count(*tries: tuple[Limit, str]) -> None:
    """One more try of each subject, whatever comes of it; TooMany, and none of them counted, where one had its share.

    Of a subject, which may be somebody's address, nothing is kept but a fingerprint.
    """
    with Unit() as unit:
        for limit, subject in tries:
            _count(unit, limit, subject, AtMost("tries", limit.most - 1))


def note(limit: Limit, subject: str, mark: str) -> None:
    """One more try that was made elsewhere; told again within the window, by the same `mark`, it is the same one."""
    with suppress(AlreadyThere), Unit() as unit:
        key, ends_at = _place(limit, f"{subject} {mark}")
        unit.add(keys.TRIES, Tries(**key | {"limit": f"{limit.name}_seen"}, expires_at=ends_at))
        _count(unit, limit, subject)


def use(unit: Unit, limit: Limit, subject: str, share: int, otherwise: Refusal) -> None:
    """So much of what the subject has in this window, in the transaction of what it is used for."""
    if share > limit.most:
        raise otherwise
    key, ends_at = _place(limit, subject)
    left = AtMost("tries", limit.most - share)
    unit.change(keys.TRIES, add={"tries": share}, only_if=(left,), expires_at=ends_at, otherwise=otherwise, **key)


def places(*tries: tuple[Limit, str]) -> list[At]:
    """For `ask.many`: where it lies how often each subject has tried."""
    return [ask.key(keys.TRIES, **_place(limit, subject)[0]) for limit, subject in tries]


def need(*tries: tuple[Limit, str], rows: Rows | None = None) -> None:
    """TooMany where one of the subjects has had its share; it counts for nothing itself. `rows` if they are at hand."""
    rows = rows or ask.many(places(*tries))
    made = {(one.limit, one.subject, one.window): one.tries for one in rows.all(keys.TRIES, Tries)}
    for limit, subject in tries:
        key, ends_at = _place(limit, subject)
        if made.get((key["limit"], key["subject"], key["window"]), 0) >= limit.most:
            raise _too_many(ends_at)


def _count(unit: Unit, limit: Limit, subject: str, *only_if: AtMost) -> None:
    key, ends_at = _place(limit, subject)
    unit.change(keys.TRIES, add={"tries": 1}, only_if=only_if, expires_at=ends_at, otherwise=_too_many(ends_at), **key)


def _place(limit: Limit, subject: str) -> tuple[dict[str, Any], datetime]:
    """The key of this window, and when it ends."""
    window = int(clock.now().timestamp() // limit.window.total_seconds())
    ends_at = datetime.fromtimestamp(0, UTC) + limit.window * (window + 1)
    return {"limit": limit.name, "subject": ids.fingerprint(subject)[:32], "window": window}, ends_at


def _too_many(ends_at: datetime) -> TooMany:
    return TooMany(retry_after_seconds=clock.whole_seconds(ends_at - clock.now()))
