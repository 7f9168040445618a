"""Facts: each has its schema and an example, and every rule names a fact that is told, and a function that hears it."""

import json

import pytest
from jsonschema import Draft202012Validator

from souk.kernel.fact import Fact
from tests.house.code import ROOT, declared, handlers
from tests.house.pages.facts import breaks, facts, file_of, schema_of
from tests.support import template

FACTS = {(fact.source(), fact.name()): fact for fact in facts()}


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: fact.__name__)
def test_the_schema_is_the_class_and_the_example_is_one_of_it(fact: type[Fact]) -> None:
    schema = json.loads(file_of(fact, "schema").read_text())
    assert schema == schema_of(fact)
    Draft202012Validator.check_schema(schema)
    envelope = json.loads(file_of(fact, "example").read_text())
    assert (envelope["source"], envelope["detail-type"]) == (fact.source(), fact.name())
    told = envelope["detail"]
    assert set(told) == {"fact_id", "told_at", "schema_version", "data"} and told["schema_version"] == fact.schema_version
    Draft202012Validator(schema).validate(told["data"])
    assert fact.model_validate(told["data"]).model_dump(mode="json") == told["data"]


def test_no_schema_is_left_of_a_fact_that_is_not_told() -> None:
    written = {path for path in (ROOT / "events").glob("*/*.v*.*.json")}
    current = {file_of(fact, kind) for fact in facts() for kind in ("schema", "example")}
    assert {path for path in written - current if f".v{_version(path.name)}." in path.name and _is_current(path.name)} == set()


def _version(name: str) -> int:
    return int(name.split(".v")[1].split(".")[0])


def _is_current(name: str) -> bool:
    """Of a fact that is told, older versions may stay; everything else is left over."""
    versions = {file_of(fact, "schema").name.split(".")[0]: fact.schema_version for fact in facts()}
    return _version(name) >= versions.get(name.split(".")[0], 0)


def test_facts_carry_plain_values_and_stand_in_their_domain() -> None:
    for fact in declared(Fact):
        assert fact.__module__.startswith("souk.domains.") and ".events" in fact.__module__, fact
        assert fact.model_config["frozen"] and fact.__name__ not in {"Fact"}


def test_every_rule_names_a_fact_that_is_told() -> None:
    for function in template.functions():
        for rule in function.events("EventBridgeRule"):
            pattern = rule["Pattern"]
            assert rule["EventBusName"] == {"Ref": "Bus"} and len(pattern["source"]) == 1, function.logical_id
            for name in pattern["detail-type"]:
                assert (pattern["source"][0], name) in FACTS, f"{function.logical_id}: nobody tells {pattern['source']} {name}"


def test_every_consumer_hears_exactly_what_its_rules_send() -> None:
    for function, module in handlers():
        sent = [name for rule in function.events("EventBridgeRule") for name in rule["Pattern"]["detail-type"]]
        assert sorted(sent) == sorted(getattr(module.handler, "facts", ())), function.logical_id


def test_a_field_that_goes_or_changes_forces_a_new_version() -> None:
    old = {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a", "b"]}
    assert breaks(old, old) == []
    assert breaks(old, old | {"properties": old["properties"] | {"c": {"type": "string"}}}) == []
    assert breaks(old, {"properties": {"a": {"type": "string"}}, "required": ["a"]}) == ["b is gone"]
    assert breaks(old, old | {"required": ["a"]}) == ["b may be missing"]
    assert breaks(old, old | {"properties": old["properties"] | {"b": {"type": "string"}}}) == ["b has changed"]
