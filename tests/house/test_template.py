"""template.yaml and the functions, one to one; its limits; and what CloudFormation's linter says."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from souk.domains.payments.model.provider import ASKED_EVENTS
from tests.house import transformed
from tests.house.code import FUNCTIONS, apis, camel, handlers
from tests.support import template
from tests.support.template import API, MAIN

# SAM fills parameters into names by itself and leaves a Sub without variables behind.
NOT_OURS = ["W1020"]
MOST_RESOURCES, MOST_STEPS = 400, 280


def test_every_function_file_has_one_resource_and_every_resource_its_file() -> None:
    files = sorted(path for path in FUNCTIONS.rglob("*.py") if path.name != "__init__.py")
    assert sorted(function.path for function in template.functions()) == files


def test_what_a_domain_has_stands_in_its_stack_and_is_told_the_same_in_each() -> None:
    domains = {file: stack for file, stack in template.stacks().items() if file.startswith("infra/domains/")}
    assert {Path(file).stem for file in domains} == {path.parent.name for path in FUNCTIONS.rglob("*.py")}
    everyones = next(iter(domains.values()))["Globals"]
    for file, stack in domains.items():
        assert stack["Globals"] == everyones, file
        for name, one in stack["Resources"].items():
            if one["Type"] == "AWS::Serverless::Function":
                assert one["Properties"]["Handler"].split(".")[0] == Path(file).stem, name
    others = [one["Type"] for file in (MAIN, API) for one in template.stacks()[file]["Resources"].values()]
    assert "AWS::Serverless::Function" not in others


@pytest.mark.parametrize("file", transformed.files())
def test_there_is_room_for_more_in_every_stack(file: str) -> None:
    """CloudFormation takes 500 resources, each of SAM's events and policies counted."""
    assert len(transformed.deployed(file)["Resources"]) < MOST_RESOURCES


def test_there_is_room_for_more_paths() -> None:
    """API Gateway takes 300, and counts each step on the way to one."""
    steps = {tuple(way.path.split("/")[:end]) for way in template.ways() for end in range(1, way.path.count("/") + 2)}
    assert len(steps) < MOST_STEPS


def test_one_name_in_python_yaml_and_aws() -> None:
    for function in template.functions():
        file = function.path.stem
        assert function.logical_id == camel(file)
        assert function.properties["FunctionName"] == {"Fn::Sub": f"souk-${{Stage}}-{file.replace('_', '-')}"}
        assert function.properties["Handler"] == f"{function.path.parent.name}.{file}.handler"
    assert all(callable(module.handler) for _, module in handlers())


def test_who_deploys_is_told_which_events_the_shop_asks_the_provider_for() -> None:
    assert template.read()["Outputs"]["StripeEvents"]["Value"].split(",") == sorted(ASKED_EVENTS)


def test_every_function_keeps_its_log_for_a_limited_time() -> None:
    groups = template.read("infra/logs.yaml")["Resources"]
    assert {name: one["Properties"]["LogGroupName"]["Fn::Sub"] for name, one in groups.items()} == {
        one.logical_id: f"/aws/lambda/{one.properties['FunctionName']['Fn::Sub']}" for one in template.functions()
    }
    assert all(one["Properties"]["RetentionInDays"] == {"Ref": "LogDays"} for one in groups.values())


@pytest.mark.capability("PLT-11")
def test_every_function_has_limits_a_log_a_trace_and_a_role_of_its_own() -> None:
    deployed = transformed.resources("AWS::Lambda::Function")
    assert len(deployed) == len(template.functions())
    for name, function in deployed.items():
        assert 0 < function["Timeout"] <= 900 and 128 <= function["MemorySize"] <= 3008, name
        assert function["LoggingConfig"] == {
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",
            "SystemLogLevel": "WARN",
        }
        assert function["TracingConfig"] == {"Mode": "Active"}, name
        assert function["Architectures"] == ["arm64"] and function["Runtime"] == "python3.13", name
        assert {layer["Ref"][:9] for layer in function["Layers"]} == {"SoukLayer", "VendorLay"}, name
    roles = Counter(function["Role"]["Fn::GetAtt"][0] for function in deployed.values())
    assert set(roles.values()) == {1}


def test_what_answers_the_gateway_is_done_before_the_gateway_gives_up() -> None:
    whole = transformed.resources("AWS::Lambda::Function")
    for function, _ in apis():
        assert whole[function.logical_id]["Timeout"] <= 29, function.logical_id


def test_facts_and_timers_that_cannot_be_delivered_are_kept() -> None:
    for function in template.functions():
        config = function.properties.get("EventInvokeConfig", {})
        if any(function.events("EventBridgeRule")):
            kept = config["DestinationConfig"]["OnFailure"]["Destination"]
            assert kept == {"Fn::GetAtt": ["DeadLetters", "Arn"]}, function.logical_id
            assert "MaximumRetryAttempts" in config
        for event in function.events("DynamoDB"):
            assert "DestinationConfig" in event and event["MaximumRecordAgeInSeconds"] > 0, function


@pytest.mark.capability("PLT-11")
def test_no_function_is_held_to_a_fixed_size() -> None:
    """On demand: no capacity is bought beforehand, and none is taken from the others."""
    fixed = {"ProvisionedConcurrencyConfig", "ReservedConcurrentExecutions", "VpcConfig"}
    for function in template.functions():
        assert not fixed & set(function.properties), function.logical_id


def test_browsers_may_call_from_named_origins_only() -> None:
    pattern = template.read()["Parameters"]["AllowedOrigins"]["AllowedPattern"]
    for origins in ("https://shop.example.com", "https://shop.example.com,http://127.0.0.1:8600"):
        assert re.fullmatch(pattern, origins)
    for origins in ("*", "https://*.example.com", "shop.example.com", "https://shop.example.com/", ""):
        assert not re.fullmatch(pattern, origins), origins
    assert "Cors" not in dict(template.resources("AWS::Serverless::Api"))["Api"]


def test_the_api_has_one_stage_behind_its_firewall_and_its_limits() -> None:
    """Without an OpenAPI version SAM deploys one more, called Stage."""
    assert [one["StageName"] for one in transformed.resources("AWS::ApiGateway::Stage").values()] == ["v1"]
    assert all("StageName" not in one for one in transformed.resources("AWS::ApiGateway::Deployment").values())


def test_requests_are_limited_and_those_for_a_session_the_most() -> None:
    api = dict(template.resources("AWS::Serverless::Api"))["Api"]
    parameters = template.read()["Parameters"]
    limits = {
        (one["ResourcePath"], one["HttpMethod"]): [
            int(parameters[one[name]["Ref"]]["Default"]) for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit")
        ]
        for one in api["MethodSettings"]
    }
    all_methods = limits.pop(("/*", "*"))
    access = {
        ("/" + way.path.replace("/", "~1"), way.method)
        for way in template.ways()
        if way.path.startswith("/access/") and way.method != "ANY"
    }
    # By its very method: an override for ANY is not one for what it stands for. A path's slashes are spelled ~1.
    assert access and limits.keys() == access
    assert all(0 < few < many for low in limits.values() for few, many in zip(low, all_methods, strict=True))


@pytest.mark.parametrize("file", transformed.files())
def test_cloudformation_has_nothing_to_say(file: str) -> None:
    """On the expanded template: the linter sees less of one that is still SAM's."""
    whole = json.dumps(transformed.deployed(file))
    found = lint(whole, config=ManualArgs(ignore_checks=NOT_OURS, include_checks=["I3510"], regions=["eu-west-1"]))
    assert not found, "\n".join(map(str, found))
