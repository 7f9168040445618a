"""Paths and methods that lead nowhere say so, and nothing else."""

import re

import pytest

from tests.hostile.requests import EVE, address, said
from tests.house.pages.routes import Entry, entries
from tests.support.shop import Shop

STRANGE = {
    "20 a line break": "abc\n",
    "20 a line break in percents": "abc%0A",
    "20 another path": "%2e%2e%2fadmin",
    "20 the parent": "..",
    "20 the mark that parts keys": "a#ORDER",
    "20 the mark that parts keys in percents": "a%23ORDER",
    "20 NUL": "a\0",
    "20 half a character": "a\ud800",
    "20 a right-to-left override": "a\u202eb",
    "20 full-width digits": "１２３",
    "20 a quote": "a'--",
    "20 a star": "*",
    "20 nine kilobytes": "x" * 9000,
    "20 a kilobyte of three-byte letters": "好" * 400,
}
# Lists of what may never have been: nothing is in them.
EMPTY = {
    "/staff/deliveries/{subject}",
    "/staff/ledger/entries/{subject}",
    "/staff/refunds/orders/{order_id}",
    "/staff/stock/{sku}",
    "/staff/stock/{sku}/{store_id}/entries",
}


@pytest.mark.parametrize("row", STRANGE)
def test_an_id_that_is_none_is_missing(shared: Shop, row: str) -> None:
    with shared.unchanged():
        for entry in entries():
            if entry.method == "GET" and "{" in entry.path:
                answer = shared.get(address(entry, STRANGE[row]), as_=EVE)
                if answer.status == 200 and entry.path in EMPTY:
                    assert not answer.body.get("items", answer.body.get("stores")), entry.path
                else:
                    assert answer.status == 404 or _names_no_id(entry, answer.status), (entry.path, answer)


def _names_no_id(entry: Entry, status: int) -> bool:
    """But a status, a month or a currency, of which it is known what can be one."""
    return bool({"{status}", "{month}", "{currency}"} & {*entry.path.split("/")}) and status == 422


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND")


def declared(path: str) -> set[str]:
    return {one.method for one in entries() if re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", one.path), path)}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: f"42 {method}")
def test_a_method_that_a_path_does_not_know_is_answered_with_those_it_knows(shared: Shop, method: str) -> None:
    tried = 0
    with shared.unchanged():
        for path in {address(entry) for entry in entries()}:
            if method not in declared(path):
                tried += 1
                answer = shared.call(method, path, as_=EVE)
                assert said(answer) == (405, "method_not_allowed")
                assert set(answer.headers["Allow"].split(", ")) == declared(path)
    assert tried > 10


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_42_no_header_makes_another_method_of_a_request(shared: Shop, header: str) -> None:
    with shared.unchanged():
        answer = shared.call(
            "GET", "/me/cart/lines", as_=EVE, headers={header: "POST"}, body={"sku": "A", "quantity": 1}
        )
    assert said(answer) == (405, "method_not_allowed")
