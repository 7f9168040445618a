"""The table in a dictionary, for properties that need thousands of writes: DynamoDB's order and conditions."""

from collections.abc import Sequence

from souk.table.conditions import Absent, AtLeast, Condition, Equals, Present
from souk.table.port import Action, At, Change, ConditionFailed, Delete, Put, Range, Row


class MemoryTable:
    def __init__(self) -> None:
        self.rows: dict[At, Row] = {}

    def read(self, at: At) -> Row | None:
        return self.rows.get(at)

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        return [self.rows[at] for at in dict.fromkeys(ats) if at in self.rows]

    def query(self, within: Range, limit: int) -> list[Row]:
        pk, sk = (f"{within.index}pk", f"{within.index}sk") if within.index else ("PK", "SK")
        found = [
            row
            for row in self.rows.values()
            if row.get(pk) == within.pk and within.first <= str(row[sk]) <= within.last
        ]
        page = sorted(found, key=lambda row: str(row[sk]).encode(), reverse=within.backwards)[:limit]
        shown = {"PK", "SK", pk, sk, "kind", "card"}  # what an index holds of an item
        return [{name: row[name] for name in row if name in shown} for row in page] if within.index else page

    def write(self, actions: Sequence[Action], token: str) -> None:
        for action in actions:
            if not all(self._holds(action.at, condition) for condition in action.only_if):
                raise ConditionFailed(action)
        for action in actions:
            self._apply(action)

    def _holds(self, at: At, condition: Condition) -> bool:
        row = self.rows.get(at, {})
        match condition:
            case Absent():
                return not row
            case Present():
                return bool(row)
            case AtLeast(name, least):
                return name in row and int(row[name]) >= least
            case Equals(name, value):
                return row.get(name) == value

    def _apply(self, action: Action) -> None:
        match action:
            case Put(row):
                self.rows[action.at] = dict(row)
            case Change(at, add, values):
                row = self.rows.setdefault(at, {"PK": at.pk, "SK": at.sk})
                row.update(values)
                row.update({name: int(row.get(name, 0)) + amount for name, amount in add.items()})
            case Delete(at):
                self.rows.pop(at, None)
