"""Reading: one item, several by their keys, or a page of a named pattern."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from souk.kernel import clock, ids
from souk.kernel.errors import Missing, Unavailable
from souk.table import audit, record
from souk.table.current import table
from souk.table.entity import Entity, fill
from souk.table.patterns import Pattern
from souk.table.port import At, Range, Row, TryAgain

N = TypeVar("N", bound=BaseModel)
T = TypeVar("T")

_BEFORE_ALL, _AFTER_ALL = "", "\U0010ffff"
ALL = 10_000  # more rows than one question may answer: a list that grows past it needs pages
_A_BATCH, _MOST_KEYS = 100, 500
_ATTEMPTS = 5


class Rows(NamedTuple):
    """What was found, of whatever kinds; `position` is where the next page begins, None after the last.

    `sort` names the key that they are in order of.
    """

    rows: Sequence[Row]
    position: str | None = None
    sort: str = "SK"

    def all(self, entity: Entity, model: type[N]) -> list[N]:
        return [record.to(model, row) for row in self.rows if row["kind"] == entity.kind]

    def one(self, entity: Entity, model: type[N]) -> N | None:
        return next(iter(self.all(entity, model)), None)

    def where(self, model: type[N], wanted: Callable[[N], bool], limit: int) -> "Rows":
        """At most so many of those that are wanted; the next page begins behind them, or behind all of these."""
        found = [row for row in self.rows if wanted(record.to(model, row))]
        if len(found) <= limit:
            return self._replace(rows=found)
        return self._replace(rows=found[:limit], position=str(found[limit - 1][self.sort]))

    def whole(self) -> "Rows":
        """The items themselves where an index showed their cards: one more batch read, in the same order."""
        ats = [At(str(row["PK"]), str(row["SK"])) for row in self.rows]
        found = {(row["PK"], row["SK"]): row for row in many(ats).rows}
        return Rows([found[at.pk, at.sk] for at in ats if (at.pk, at.sk) in found], self.position)


def find(entity: Entity, model: type[N], **key: Any) -> N | None:
    row = steadily(lambda: table().read(record.at(entity, key)))
    if row is None:
        return None
    audit.loaded([row])
    return record.to(model, row)


def get(entity: Entity, model: type[N], otherwise: type[Missing] = Missing, **key: Any) -> N:
    """As `find`, where absence is a refusal."""
    found = find(entity, model, **key)
    if found is None:
        raise otherwise()
    return found


def key(entity: Entity, **values: Any) -> At:
    """For `many`: where one item lies."""
    return record.at(entity, values)


def many(ats: Iterable[At]) -> Rows:
    """A batch read for every hundred keys, at most five hundred; absent ones are left out."""
    wanted = list(dict.fromkeys(ats))
    if len(wanted) > _MOST_KEYS:
        raise ValueError(f"{len(wanted)} keys in one read")
    found: list[Row] = []
    for start in range(0, len(wanted), _A_BATCH):
        batch = wanted[start : start + _A_BATCH]
        found += steadily(lambda batch=batch: table().read_many(batch))  # type: ignore[misc]
    audit.loaded(found)
    return Rows(found)


def in_batches(ats: Sequence[At]) -> Iterator[Rows]:
    """As `many`, for as many keys as there may be."""
    for start in range(0, len(ats), _MOST_KEYS):
        yield many(ats[start : start + _MOST_KEYS])


def at_once(ats: Sequence[At]) -> Rows | None:
    """All of them as they are at one instant; None while others are at work on some of them."""
    try:
        return Rows(table().read_at_once(ats))
    except TryAgain:
        return None


def ask(
    pattern: Pattern,
    *,
    limit: int = ALL,
    position: str | None = None,
    since: str = _BEFORE_ALL,
    until: str = _AFTER_ALL,
    **fields: Any,
) -> Rows:
    """A page of the pattern, in its order; `since` and `until` bound what follows the sort keys' prefix.

    Of all its shards together, unless `shard` names one.
    """
    shards = [fields["shard"]] if "shard" in fields else range(pattern.shards)
    partitions = [{**fields, "shard": shard} for shard in shards]
    return together(pattern, partitions, limit=limit, position=position, since=since, until=until)


def together(
    pattern: Pattern,
    partitions: Sequence[Mapping[str, Any]],
    *,
    limit: int = ALL,
    position: str | None = None,
    since: str = _BEFORE_ALL,
    until: str = _AFTER_ALL,
) -> Rows:
    """One page of several partitions in one order: a query of each, merged by the sort key."""
    sort = f"{pattern.index}sk" if pattern.index else "SK"
    found: list[Row] = []
    for fields in partitions:
        prefix = fill(pattern.sk, fields)
        # DynamoDB takes no empty key to begin at; the space comes before every other character of a key.
        first, last = prefix + since or " ", prefix + until
        if position:
            first, last = (first, position) if pattern.newest_first else (position, last)
        if first > last:
            continue
        within = Range(fill(pattern.pk, fields), first, last, pattern.index, pattern.newest_first)
        # One more row than asked tells whether there is a next page; the row at `position` was on the page before.
        found += steadily(lambda within=within: table().query(within, limit + 2))  # type: ignore[misc]
    found = [row for row in found if row[sort] != position]
    if len(partitions) > 1:
        found.sort(key=lambda row: str(row[sort]), reverse=pattern.newest_first)
    page = found[:limit]
    audit.loaded(page)
    return Rows(page, str(page[-1][sort]) if len(found) > limit else None, sort)


def steadily(call: Callable[[], T]) -> T:
    """Throttles and conflicts are tried again, a little later each time."""
    for attempt in range(_ATTEMPTS):
        try:
            return call()
        except TryAgain:
            clock.pause(ids.jitter(0.025 * 2**attempt))
    raise Unavailable("The shop is very busy; send the same request again")
