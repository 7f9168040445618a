"""What a query says that its route does not know, or that is none of its values, is refused."""

from typing import Any

import pytest

from tests.hostile.requests import WITH_QUERY, ask, parameters, said
from tests.house.pages.routes import entries
from tests.support.shop import Answer, Shop

HOSTILE = {
    "41 a name of every object": "__proto__.x",
    "41 a condition": "x OR 1=1",
    "41 nothing": "",
    "41 a line break": "2026\n",
    "41 NUL": "2026\0",
    "41 a list": "2026,2",
    "41 too long": "1" * 2000,
}
LIMITS = ("-1", "0", "101", "1e9", "9999999999", "abc", "1.0", "+1", " 3", "1_0", "１０", "0x1", "NaN", "true")


def refused_at(answer: Answer, name: str) -> bool:
    return answer.status == 422 and f"query.{name}" in {one["at"] for one in answer["errors"]}


@pytest.mark.parametrize("row", HOSTILE)
def test_what_a_parameter_cannot_be_is_refused_by_every_route_that_has_it(shared: Shop, row: str) -> None:
    with shared.unchanged():
        for entry in WITH_QUERY:
            for name in parameters(entry):
                if name == "cursor" and len(HOSTILE[row]) <= 1000:
                    continue  # a text like any other: row 21
                assert refused_at(ask(shared, entry, {name: HOSTILE[row]}), name), (entry.path, name)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"41 {limit}")
def test_a_limit_that_is_none_is_refused_by_every_list(shared: Shop, limit: str) -> None:
    with shared.unchanged():
        for entry in WITH_QUERY:
            if "limit" in parameters(entry):
                assert refused_at(ask(shared, entry, {"limit": limit}), "limit"), entry.path


DAYS = ("1700000000", "0", "2026-13-01", "2026-02-30", "20261101", "2026-11-01T00:00:00Z", "today", "1969-12-31")


@pytest.mark.parametrize("day", DAYS, ids=lambda day: f"41 {day}")
def test_a_day_that_is_none_is_refused_by_every_report(shared: Shop, day: str) -> None:
    reports = [entry for entry in WITH_QUERY if {"from", "to"} <= parameters(entry)]
    assert reports
    for entry in reports:
        assert refused_at(ask(shared, entry, {"from": day}), "from") and refused_at(
            ask(shared, entry, {"to": day}), "to"
        )


@pytest.mark.parametrize("query", [{"limt": "1"}, {"Limit": "1"}, {"limit[]": "1"}, {"limit": ["1", "2"]}])
def test_41_what_a_query_does_not_know_or_says_twice_is_refused_by_every_route(
    shared: Shop, query: dict[str, Any]
) -> None:
    with shared.unchanged():
        for entry in entries():
            answer = ask(shared, entry, query)
            assert (entry.path, said(answer)) == (entry.path, (422, "unknown_parameter"))
