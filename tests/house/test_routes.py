"""Every route has its permission, its place at the gateway, and its line in the OpenAPI document."""

import json
from collections import Counter
from typing import Any

import pytest
from openapi_spec_validator import validate

from souk.domains.access.model.rights import PERMISSIONS, PROFILE, ROLES, SHOP, SIGN_OUT
from tests.house.code import apis
from tests.house.pages.routes import Entry, entries
from tests.support import template
from tests.support.template import ROOT, Way

AUDIENCES = {"shop": "GET", "access": "POST", "me": None, "staff": None, "hooks": "POST"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads((ROOT / "docs/api/openapi.json").read_text())


def test_every_route_has_a_permission_that_fits_its_audience_or_is_open_to_all() -> None:
    fits: dict[str, set[str | None]] = {
        "shop": {None},
        "hooks": {None},
        "access": {None, SIGN_OUT},
        "me": {SHOP, PROFILE},
        "staff": {*PERMISSIONS},
    }
    for entry in entries():
        assert entry.may in fits[entry.audience], entry


def test_every_permission_opens_a_route() -> None:
    assert set(PERMISSIONS) - {entry.may for entry in entries()} - INSIDE == set()
    assert all(may <= set(PERMISSIONS) for may in ROLES.values())


# Asked for inside a command, or of a field, beside the permission of the route.
INSIDE = {"catalog.cost", "members.contact", "orders.override", "stock.force"}


def test_every_path_names_its_audience_and_what_is_public_is_read_only() -> None:
    for entry in entries():
        assert entry.audience in AUDIENCES, entry.path
        assert AUDIENCES[entry.audience] in (None, entry.method), entry


def test_no_two_functions_answer_one_route() -> None:
    doubled = [one for one, times in Counter((entry.method, entry.path) for entry in entries()).items() if times > 1]
    assert doubled == []


def gateway(path: str) -> Way:
    """The way that API Gateway chooses: the longest match, a plain one before a greedy one."""
    found = [way for way in template.ways() if _covers(way.path, path)]
    assert found, f"the gateway has no way for {path}"
    return max(found, key=lambda way: (len(way.path.removesuffix("/{proxy+}")), "{proxy+}" not in way.path))


def _covers(resource: str, path: str) -> bool:
    if resource.endswith("/{proxy+}"):
        return path.startswith(resource.removesuffix("{proxy+}")) and len(path) > len(resource) - len("{proxy+}")
    return resource == path


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry.method} {entry.path}")
def test_the_gateway_leads_to_the_function_and_asks_who_is_calling_where_it_matters(entry: Entry) -> None:
    way = gateway(entry.path)
    assert way.function == entry.function.logical_id
    assert way.method in ("ANY", entry.method)
    assert way.is_public == (entry.may is None)


def test_every_way_of_the_gateway_leads_to_a_route() -> None:
    for way in template.ways():
        mine = [entry.path for entry in entries() if entry.function.logical_id == way.function]
        assert any(_covers(way.path, path) for path in mine), way


def test_the_gateway_may_call_each_function_that_it_leads_to_and_its_authorizer_and_no_other() -> None:
    gateway_itself = "${Api.Outputs.ApiArn}"
    may_call = {
        (one["FunctionName"]["Ref"], one["SourceArn"]["Fn::Sub"])
        for _, one in template.resources("AWS::Lambda::Permission")
        if one["Principal"] == "apigateway.amazonaws.com" and one["Action"] == "lambda:InvokeFunction"
    }
    leads_to = {(way.function, f"{gateway_itself}/*") for way in template.ways()}
    assert may_call == leads_to | {("Authorize", f"{gateway_itself}/authorizers/*")}
    assert {function.logical_id for function, _ in apis()} == {way.function for way in template.ways()}


# -- OpenAPI
def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1") and document["servers"] == [{"url": "/v1"}]


def test_the_document_has_every_route_and_no_other(document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(entry.method, entry.path) for entry in entries()}


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry.method} {entry.path}")
def test_a_route_says_what_it_takes_what_it_answers_and_how_it_refuses(document: dict[str, Any], entry: Entry) -> None:
    operation = document["paths"][entry.path][entry.method.lower()]
    success = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    assert len(success) == 1
    if "204" not in success:
        [schema] = [answer["schema"] for answer in next(iter(success.values()))["content"].values()]
        assert schema and schema != {"title": "Return"}, "the answer has no model"
    refused = {status: answer for status, answer in operation["responses"].items() if status not in success}
    assert refused and all(answer == {"$ref": "#/components/responses/Problem"} for answer in refused.values())
    assert all(status.startswith(("4", "503")) for status in refused), "each refusal is named by its status"
    assert operation["security"] == ([{"bearer": []}] if entry.may else [])
    assert operation.get("x-permission") == entry.may
    named = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
    assert named == {part[1:-1] for part in entry.path.split("/") if part.startswith("{")}


def test_operation_ids_and_references_are_sound(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))
    for reference in _references(document):
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return [*own, *(one for below in node.values() for one in _references(below))]
    return [one for below in node for one in _references(below)] if isinstance(node, list) else []
