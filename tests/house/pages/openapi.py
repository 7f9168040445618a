"""docs/api/openapi.json: the routes of all functions with their models, as one OpenAPI 3.1 document."""

import json
import re
from collections import defaultdict
from functools import cache
from typing import Any

from tests.house.code import apis, camel, snake
from tests.house.pages.routes import Entry, entries

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Why the request was refused (RFC 9457). `code` is for programs; further members depend on it.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "`urn:souk:` and the code"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "what"],
                "properties": {"at": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}
WITH_BODY = {"POST", "PUT", "PATCH"}
POWERTOOLS_OWN = {"HTTPValidationError", "ValidationError", "ResponseValidationError"}
DESCRIPTION = "The API of the shop. Amounts are integers in minor units of the currency; times are UTC."


def document() -> dict[str, Any]:
    parts, names = _parts(), _names()
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, Any] = defaultdict(dict)
    for function, part in parts.items():
        for name, schema in part["components"]["schemas"].items():
            if name not in POWERTOOLS_OWN:
                schemas[names[function, name]] = _renamed(schema, function, names)
    for entry in entries():
        function = entry.function.logical_id
        operation = parts[function]["paths"][entry.path][entry.method.lower()]
        paths[entry.path][entry.method.lower()] = _operation(entry, _renamed(operation, function, names))
    tags = sorted({tag for entry in entries() for tag in _tags(entry)})
    return {
        "openapi": "3.1.0",
        "info": {"title": "Souk", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/v1"}],
        "tags": [{"name": tag} for tag in tags],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": {
                "Problem": {
                    "description": "Refused",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


@cache
def _parts() -> dict[str, dict[str, Any]]:
    return {
        function.logical_id: app.get_openapi_schema(title="Souk", version="1").model_dump(
            mode="json", by_alias=True, exclude_none=True
        )
        for function, app in apis()
    }


def _names() -> dict[tuple[str, str], str]:
    """What a function's model is called in the whole: two domains may mean different things by one name."""
    domains = {function.logical_id: function.path.parent.name for function, _ in apis()}
    meanings: dict[str, set[str]] = defaultdict(set)
    for part in _parts().values():
        for name, schema in part["components"]["schemas"].items():
            meanings[name].add(json.dumps(schema, sort_keys=True))
    return {
        (function, name): name if len(meanings[name]) == 1 else camel(domains[function]) + name
        for function, part in _parts().items()
        for name in part["components"]["schemas"]
    }


def _renamed(node: Any, function: str, names: dict[tuple[str, str], str]) -> Any:
    if isinstance(node, dict):
        return {
            key: _reference(value, function, names) if key == "$ref" else _renamed(value, function, names)
            for key, value in node.items()
        }
    return [_renamed(one, function, names) for one in node] if isinstance(node, list) else node


def _reference(target: str, function: str, names: dict[tuple[str, str], str]) -> str:
    place, name = target.rsplit("/", 1)
    return f"{place}/{names.get((function, name), name)}"


def _operation(entry: Entry, operation: dict[str, Any]) -> dict[str, Any]:
    verb = entry.route.func.__name__
    success = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    for empty in success.keys() & {"204"}:
        success[empty] = {"description": success[empty]["description"]}
    refused = {"$ref": "#/components/responses/Problem"}
    text = re.sub(r"\s+", " ", entry.route.func.__doc__ or "").strip()
    return {
        **operation,
        "operationId": f"{snake(entry.function.logical_id)}_{verb}",
        "summary": verb.replace("_", " ").capitalize(),
        **({"description": text} if text else {}),
        "tags": _tags(entry),
        "responses": success | dict.fromkeys(sorted(_refusals(entry, operation)), refused),
        **({"security": [{"bearer": []}], "x-permission": entry.may} if entry.may else {"security": []}),
    }


def _refusals(entry: Entry, operation: dict[str, Any]) -> set[str]:
    """Every status with which the route may refuse, told from its shape: what is asked, by whom, of what."""
    asked = {parameter["name"] for parameter in operation.get("parameters", ())}
    sends = entry.method in WITH_BODY
    return {
        "429",  # the gateway's own limits
        "503",
        *(("401",) if entry.may or entry.audience == "access" else ()),
        *(("403",) if entry.may else ()),
        *(("404", "422") if asked or sends else ()),
        *(("400",) if sends or "cursor" in asked else ()),
        *(("413", "415") if sends else ()),
        *(("409",) if entry.method != "GET" else ()),
    }


def _tags(entry: Entry) -> list[str]:
    return [f"{entry.audience}: {entry.domain}"]


def page() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
