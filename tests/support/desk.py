"""Head office at work: what each command of staff writes is held against what the trail tells of it."""

import json
from typing import Any

import pytest

from souk.kernel.audit import LONGEST, WITHHELD
from souk.table.keys import ENTITIES
from souk.table.port import Row
from souk.table.record import text_of
from tests.support.market import INES, Market
from tests.support.shop import Answer
from tests.support.table import watch_writes

AUDITED = {entity.kind for entity in ENTITIES if entity.audited}
COMPUTED = {"image", "buyer_name", "phone_tail"}  # what cards show of the rest


class Desk:
    """Head office at work. What each of its commands wrote to the table is held against what the trail tells of it."""

    def __init__(self, market: Market, patch: pytest.MonkeyPatch) -> None:
        self.market, self.shop = market, market.shop
        self.sent: set[str] = set()
        self.request_ids: set[str] = set()
        self._written: list[tuple[Row, Row]] = []
        watch_writes(patch, self._written.extend)

    def send(self, route: str, body: Any = None, subjects: int = 1, **names: str) -> Answer:
        """The command, and once more: it is done again with an entry of its own, or nothing is and it has none."""
        self.sent.add(route)
        answer, told = self._send(route, body, names)
        answer.ok()
        assert len(told) == subjects, (route, told)
        self.request_ids |= {entry["request_id"] for entry in told}
        changed = [pair for pair in self._written if _is_told(*pair)]
        for entry in told:
            who, what = (entry["by"], entry["by_kind"], entry["ip"]), (entry["action"], entry["at"])
            assert who == ("boss", "staff", "127.0.0.1")
            assert what == (route, f"{self.shop.clock.at:%Y-%m-%dT%H:%M:%SZ}")
        self._need_told(route, changed, [one for entry in told for one in entry["changes"]])
        _, again = self._send(route, body, names)
        done_again = any(_is_told(*pair) for pair in self._written)
        assert len(again) == (subjects if done_again else 0), route
        return answer

    def _send(self, route: str, body: Any, names: dict[str, str]) -> tuple[Answer, list[dict[str, Any]]]:
        """With the audit entries that it left behind."""
        self._written.clear()
        method, path = route.split()
        query = {name: value for name, value in names.items() if f"{{{name}}}" not in path and name != "key"}
        headers = {"Idempotency-Key": names["key"]} if "key" in names else {}
        answer = self.shop.call(
            method, path.format(**names), body or {}, as_=self.shop.boss, query=query, headers=headers
        )
        made = [after for _, after in self._written if after.get("kind") == "AuditEntry"]
        return answer, [json.loads(text_of(row)) for row in made]

    def _need_told(self, route: str, changed: list[tuple[Row, Row]], told: list[dict[str, Any]]) -> None:
        """Every noun that was changed stands in the entry, each with all of its fields that differ, and no other."""
        counted = [pair for pair in self._written if pair[0] != pair[1] and pair not in changed]
        found = []
        for change in told:
            (pair, *_) = (pair for pair in (*changed, *counted) if _is_of(change, pair))
            found.append(pair)
            was, now = _fields(pair[0]), _fields(pair[1])
            differ = {name for name in {**was, **now} if was.get(name) != now.get(name)}
            for side, row in (("before", was), ("after", now)):
                assert (side in change) == bool(row), (route, change)
                assert not row or set(change[side]) == differ, (route, change)
                for name, value in change.get(side, {}).items():
                    whole = row.get(name)
                    assert value in (whole, WITHHELD) or _is_part(value, whole), (route, name, value, whole)
        assert changed and all(found.count(pair) == 1 for pair in changed), (route, told)

    def case(self, order_id: str, kind: str = "refund") -> str:
        wish = {"order_id": order_id, "kind": kind, "lines": [{"sku": "CUP", "quantity": 1}], "reason": "damaged"}
        return str(self.shop.post("/me/refunds", wish, as_=INES).ok()["case_id"])


def _is_told(before: Row, after: Row) -> bool:
    """Not what was only looked at; what was only counted is told by the noun that it was counted for, the attempt a
    payment begins with by that. Of a row that counting has made, the body is its key.
    """
    counted = before and after and _fields(before) | {"version": after.get("version")} != _fields(after)
    counted = counted and text_of(before) == text_of(after)
    counted = counted or (
        not before and all(f"#{value}#" in f"{after['PK']!s}#{after['SK']!s}#" for value in _text(after).values())
    )
    begun = before.get("kind") == "Payment" and bool(_fields(after)["attempts"]) > bool(_fields(before)["attempts"])
    return _kind((before, after)) in AUDITED and before != after and not counted and not begun


def _is_of(change: dict[str, Any], pair: tuple[Row, Row]) -> bool:
    noun = _fields(pair[1]) or _fields(pair[0])
    return change["kind"] == _kind(pair) and all(noun[name] == value for name, value in change["key"].items())


def _kind(pair: tuple[Row, Row]) -> str:
    return str((pair[1] or pair[0]).get("kind"))


def _text(row: Row) -> dict[str, Any]:
    return dict(json.loads(text_of(row)))


def _fields(row: Row) -> dict[str, Any]:
    """A row as the trail may tell it: its text, with the numbers and the version that stand beside it."""
    beside = {name: value for name, value in row.items() if isinstance(value, int) and name != "expires_at"}
    told = {**_text(row), **beside} if row else {}
    return {name: value for name, value in told.items() if name not in COMPUTED}


def _is_part(value: Any, whole: Any) -> bool:
    """What differs of a list or a mapping, or the beginning of a long text."""
    if isinstance(value, list):
        return all(one in (whole or []) for one in value)
    if isinstance(value, dict):
        return all((whole or {}).get(key) == one for key, one in value.items())
    return isinstance(value, str) and len(value) == LONGEST + 1
