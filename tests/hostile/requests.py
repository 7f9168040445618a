"""What hostile requests are made of: a caller with every right, the routes with their bodies and queries."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from souk.kernel.caller import Caller
from tests.house.pages import openapi
from tests.house.pages.routes import Entry, entries
from tests.support.shop import Answer, Shop

EVE = Caller(id="mem_eve", kind="staff", may=frozenset(one.may for one in entries() if one.may))
Place = tuple[str | int, ...]
Schema = dict[str, Any]


def address(entry: Entry, part: str = "none") -> str:
    return re.sub(r"{[^}]*}", part, entry.path)


def operation(entry: Entry) -> Schema:
    return dict(_document()["paths"][entry.path][entry.method.lower()])


@cache
def _document() -> Schema:
    return openapi.document()


@cache
def bodies() -> list[tuple[Entry, Schema]]:
    """Every route that takes a body, with what the body should be."""
    found = ((entry, operation(entry).get("requestBody")) for entry in entries())
    return [(entry, body["content"]["application/json"]["schema"]) for entry, body in found if body]


@cache
def fields(*kinds: str) -> list[tuple[Entry, Place, Schema]]:
    """Every field of these JSON types in every body, however deep: its route, its place and its schema."""
    return [
        (entry, place, schema)
        for entry, body in bodies()
        for place, schema in _fields(body, ())
        if schema.get("type") in kinds
    ]


def _fields(schema: Schema, place: Place) -> Iterator[tuple[Place, Schema]]:
    if "$ref" in schema:
        schema = _document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    for one in schema.get("anyOf", []):
        yield from _fields(one, place)
    yield place, schema
    for name, below in schema.get("properties", {}).items():
        yield from _fields(below, (*place, name))
    if "items" in schema:
        yield from _fields(schema["items"], (*place, 0))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _fields(schema["additionalProperties"], (*place, "K"))


def at(place: Place, value: Any) -> Any:
    """A body that says nothing but this."""
    for step in reversed(place):
        value = [value] if step == 0 else {step: value}
    return value


def names(answer: Answer, place: Place) -> bool:
    """Whether the refusal says that something is wrong right there."""
    said = ".".join(["body", *map(str, place)])
    return answer.status == 422 and any(f"{one['at']}.".startswith(f"{said}.") for one in answer["errors"])


def said(answer: Answer) -> tuple[int, str | None]:
    """The status with the problem's code."""
    return answer.status, answer.body["code"] if answer.status >= 400 else None


def parameters(entry: Entry) -> set[str]:
    """What the query of a route may say."""
    return {one["name"] for one in operation(entry).get("parameters", []) if one["in"] == "query"}


WITH_QUERY = [entry for entry in entries() if parameters(entry)]


def ask(shop: Shop, entry: Entry, query: Mapping[str, str | list[str]], as_: Caller = EVE) -> Answer:
    return shop.call(entry.method, address(entry), as_=as_, query=query)
