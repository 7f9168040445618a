"""Facts: each has its schema and an example, and every rule names a fact that is told, and a function that hears it."""

import ast
import json

import pytest
from jsonschema import Draft202012Validator

from souk.kernel.fact import Fact
from tests.house.code import declared, handlers, sources
from tests.house.pages.facts import breaks, facts, file_of, schema_of
from tests.support import template
from tests.support.template import ROOT

FACTS = {(fact.source(), fact.name()): fact for fact in facts()}


@pytest.mark.parametrize("fact", facts(), ids=lambda fact: fact.__name__)
def test_the_schema_is_the_class_and_the_example_is_one_of_it(fact: type[Fact]) -> None:
    schema = json.loads(file_of(fact, "schema").read_text())
    assert schema == schema_of(fact)
    Draft202012Validator.check_schema(schema)
    envelope = json.loads(file_of(fact, "example").read_text())
    assert (envelope["source"], envelope["detail-type"]) == (fact.source(), fact.name())
    told = envelope["detail"]
    assert set(told) == {"fact_id", "told_at", "schema_version", "correlation_id", "data"}
    assert told["schema_version"] == fact.schema_version
    Draft202012Validator(schema).validate(told["data"])
    assert fact.model_validate(told["data"]).model_dump(mode="json") == told["data"]


def test_nothing_is_left_of_a_fact_that_is_not_told() -> None:
    """Of one that is told, files of older versions stay: somebody may still read them."""
    current = {file_of(fact, "schema").name.split(".")[0]: fact.schema_version for fact in facts()}
    for path in (ROOT / "events").glob("*/*.v*.json"):
        name, version, _ = path.name.split(".", 2)
        assert int(version[1:]) <= current.get(name, 0), f"{path.name} is of no fact that is told"


def test_facts_carry_plain_values_and_stand_in_their_domain() -> None:
    for fact in declared(Fact):
        assert fact.__module__.startswith("souk.domains.") and ".events" in fact.__module__, fact
        assert fact.model_config["frozen"], fact


def test_every_rule_names_a_fact_that_is_told() -> None:
    for function in template.functions():
        for rule in function.events("EventBridgeRule"):
            pattern = rule["Pattern"]
            assert rule["EventBusName"] == {"Ref": "Bus"} and len(pattern["source"]) == 1, function.logical_id
            for name in pattern["detail-type"]:
                assert (pattern["source"][0], name) in FACTS, f"{function.logical_id}: {name} is not told"


def test_every_consumer_hears_exactly_what_its_rules_send() -> None:
    for function, module in handlers():
        sent = [name for rule in function.events("EventBridgeRule") for name in rule["Pattern"]["detail-type"]]
        assert sorted(sent) == sorted(getattr(module.handler, "facts", ())), function.logical_id


def test_no_two_consumers_have_an_action_of_one_name() -> None:
    """What a consumer has done is remembered by its action's name: of two alike, one would never act."""
    named: dict[str, set[str]] = {}
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "on":
                for pair in node.args:
                    assert isinstance(pair, ast.Tuple), source.at(node.lineno)
                    named.setdefault(ast.unparse(pair.elts[1]).split(".")[-1], set()).add(source.name)
    assert named and {name: files for name, files in named.items() if len(files) > 1} == {}


def test_a_field_that_goes_or_changes_forces_a_new_version() -> None:
    text, number = {"type": "string"}, {"type": "integer"}
    old = {"properties": {"a": text, "b": number}, "required": ["a", "b"]}
    assert breaks(old, old) == []
    assert breaks(old, {**old, "properties": {"a": text, "b": number, "c": text}}) == []
    assert breaks(old, {**old, "properties": {"a": text}}) == ["b is gone"]
    assert breaks(old, {**old, "required": ["a"]}) == ["b may be missing"]
    assert breaks(old, {**old, "properties": {"a": text, "b": text}}) == ["b has changed"]
    assert breaks({"$defs": {"Line": old}}, {"$defs": {"Line": {}}}) == ["Line.a is gone", "Line.b is gone"]
