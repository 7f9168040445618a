"""The table in a dictionary, for properties that need thousands of writes: DynamoDB's order and conditions.

What functions ask of it is written down as the calls that they would make to DynamoDB.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter

from souk.table.actions import Action, Change, Check, ConditionFailed, Delete, Put
from souk.table.conditions import Absent, AtLeast, AtMost, Condition, Equals, Present
from souk.table.keys import INDEXES
from souk.table.port import At, Range, Row
from tests.support import usage

_CALLED = {Put: "PutItem", Change: "UpdateItem", Delete: "DeleteItem", Check: "ConditionCheckItem"}
_first = itemgetter(0)
_PARTITIONED = {"PK", *(f"{index}pk" for index in INDEXES)}


class MemoryTable:
    def __init__(self) -> None:
        self.rows: dict[At, Row] = {}
        self._partitions: dict[tuple[str, object], set[At]] = defaultdict(set)
        self._sorted: dict[tuple[str, object], list[tuple[bytes, At]]] = {}

    def read(self, at: At) -> Row | None:
        usage.note_table("GetItem")
        return self.rows.get(at)

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        usage.note_table("BatchGetItem")
        return [self.rows[at] for at in dict.fromkeys(ats) if at in self.rows]

    def read_at_once(self, ats: Sequence[At]) -> list[Row]:
        usage.note_table("GetItem")
        return [self.rows[at] for at in ats if at in self.rows]

    def query(self, within: Range, limit: int) -> list[Row]:
        usage.note_table("Query", within.index)
        pk, sk = (f"{within.index}pk", f"{within.index}sk") if within.index else ("PK", "SK")
        there = self._in_order(pk, sk, within.pk)
        begin = bisect_left(there, within.first.encode(), key=_first)
        end = bisect_right(there, within.last.encode(), key=_first)
        found = there[begin:end][::-1] if within.backwards else there[begin:end]
        page = [self.rows[at] for _, at in found[:limit]]
        shown = {"PK", "SK", pk, sk, "kind", "card"}  # what an index holds of an item
        return [{name: row[name] for name in row if name in shown} for row in page] if within.index else page

    def write(self, actions: Sequence[Action], token: str) -> None:
        assert len({action.at for action in actions}) == len(actions), "DynamoDB takes one action an item"
        for action in actions:
            usage.note_table(_CALLED[type(action)])
        for action in actions:
            if not all(self._holds(action.at, condition) for condition in action.only_if):
                raise ConditionFailed(action)
        for action in actions:
            self._apply(action)

    def all(self) -> list[Row]:
        """For looking behind the counter."""
        return [dict(row) for row in self.rows.values()]

    def partition(self, pk: str) -> list[At]:
        """Where the items of a partition lie, in order."""
        return sorted(self._partitions["PK", pk], key=lambda at: at.sk)

    def _in_order(self, pk: str, sk: str, partition: str) -> list[tuple[bytes, At]]:
        """Sorted when it is first asked after a change."""
        place = (pk, partition)
        if place not in self._sorted:
            there = [(str(self.rows[at][sk]).encode(), at) for at in self._partitions[place]]
            self._sorted[place] = sorted(there, key=_first)
        return self._sorted[place]

    def _holds(self, at: At, condition: Condition) -> bool:
        row = self.rows.get(at, {})
        match condition:
            case Absent():
                return not row
            case Present():
                return bool(row)
            case AtLeast(name, least):
                return name in row and int(row[name]) >= least
            case AtMost(name, most):
                return name not in row or int(row[name]) <= most
            case Equals(name, value):
                return row.get(name) == value

    def _apply(self, action: Action) -> None:
        match action:
            case Put(row):
                self._place(action.at, dict(row))
            case Change(at, add, values):
                row = self.rows.get(at, {"PK": at.pk, "SK": at.sk}) | dict(values)
                row.update({name: int(row.get(name, 0)) + amount for name, amount in add.items()})
                self._place(at, row)
            case Delete(at):
                self._place(at, None)

    def _place(self, at: At, row: Row | None) -> None:
        before = self.rows.pop(at, {})
        for name in _PARTITIONED & before.keys():
            self._partitions[name, before[name]].discard(at)
            self._sorted.pop((name, before[name]), None)
        if row is not None:
            self.rows[at] = row
            for name in _PARTITIONED & row.keys():
                self._partitions[name, row[name]].add(at)
                self._sorted.pop((name, row[name]), None)
