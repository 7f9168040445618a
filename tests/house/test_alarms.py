"""Alarms that can be raised, cover the whole shop, and say what to do; a dashboard that shows what there is."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from souk.domains.payments.model.outcome import Outcome
from tests.house.code import counted, handlers
from tests.support import cloudwatch, template
from tests.support.cloudwatch import Alarm, alarms
from tests.support.faults import FAULTS

MOST_METRICS, LONGEST = 10, 7 * 86400  # of one alarm, by CloudWatch's quotas: metrics, and seconds looked back upon
# What AWS publishes by itself, by dimensions: reviewed against the services' own pages on their metrics.
PUBLISHED = {
    ("AWS/ApiGateway", ("ApiName",)): {"Count", "4XXError", "5XXError", "Latency"},
    ("AWS/Lambda", ()): {"ConcurrentExecutions", "Throttles"},
    ("AWS/Lambda", ("FunctionName",)): {"Errors", "Duration", "IteratorAge"},
    ("AWS/SQS", ("QueueName",)): {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
    ("AWS/States", ("StateMachineArn",)): {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"},
    ("AWS/DynamoDB", ("TableName",)): {
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "TransactionConflict",
    },
    ("AWS/DynamoDB", ("Operation", "TableName")): {"ThrottledRequests", "SystemErrors"},
    ("AWS/Backup", ("BackupVaultName",)): {"NumberOfBackupJobsCompleted"},
    ("AWS/SNS", ("TopicName",)): {"NumberOfMessagesPublished"},
}
# Called by hand: whoever calls sees that it fails.
BY_HAND = {"AppointOwner", "RestartLives"}


def is_known(namespace: str, name: str, dimensions: dict[str, str]) -> bool:
    if namespace == "Souk/test":
        return dimensions == {"service": "souk"} and name in counted()
    return name in PUBLISHED.get((namespace, tuple(sorted(dimensions))), set())


def test_the_shops_metrics_are_named_as_its_functions_name_them() -> None:
    for function in template.functions():
        assert function.variables["POWERTOOLS_METRICS_NAMESPACE"] == {"Fn::Sub": "Souk/${Stage}"}
        assert function.variables["POWERTOOLS_SERVICE_NAME"] == "souk"


@pytest.mark.parametrize("alarm", alarms().values(), ids=lambda alarm: alarm.name)
def test_an_alarm_watches_what_is_measured_and_reaches_somebody_who_learns_what_to_do(alarm: Alarm) -> None:
    for metric in alarm.metrics:
        assert is_known(metric.namespace, metric.name, dict(metric.dimensions)), metric
    said = alarm.defined
    assert len(alarm.queries) <= MOST_METRICS
    assert alarm.period * said["EvaluationPeriods"] <= (LONGEST if alarm.period >= 3600 else 86400)
    assert said["AlarmActions"] in (["Topic"], ["TopicArn"]) and said["TreatMissingData"] in (
        "breaching",
        "notBreaching",
    )
    assert said["AlarmName"] == "souk-test" + re.sub("([A-Z])", r"-\1", alarm.name).lower()
    meaning, first = said["AlarmDescription"].split("First: ")
    assert len(meaning) > 40 and len(first) > 40 and len(said["AlarmDescription"]) <= 1024
    used = {node.id for node in ast.walk(ast.parse(alarm.expression)) if isinstance(node, ast.Name)}
    assert used >= alarm.queries.keys() or "METRICS" in used, "it asks for a metric that it does not read"


def test_every_alarm_has_a_fault_that_raises_it_in_a_test() -> None:
    assert {*FAULTS.values()} == {*alarms()}


def queue_of(parameter: str) -> str:
    """The logical id of the queue whose name the alarms are given under that parameter."""
    named, attribute = template.read()["Resources"]["Alarms"]["Properties"]["Parameters"][parameter]["Fn::GetAtt"]
    if attribute.startswith("Outputs."):
        below = template.read(template.read()["Resources"][named]["Properties"]["Location"])
        named, attribute = below["Outputs"][attribute.removeprefix("Outputs.")]["Value"]["Fn::GetAtt"]
    assert attribute == "QueueName"
    return str(named)


def test_every_queue_is_watched_for_how_long_it_keeps_waiting_and_dead_letters_for_their_number() -> None:
    files = ["template.yaml", *template.ground()]
    every = [(name, one) for file in files for name, one in template.read(file)["Resources"].items()]
    queues = {name for name, one in every if one["Type"] == "AWS::SQS::Queue"}
    watched: dict[str, set[str]] = {}
    for alarm in alarms().values():
        for metric in alarm.metrics:
            for kind, value in metric.dimensions:
                if kind == "QueueName":
                    watched.setdefault(metric.name, set()).add(queue_of(value))
    assert len(queues) > 3 and watched["ApproximateAgeOfOldestMessage"] == queues
    dead = {name for name in queues if name.endswith("DeadLetters")}
    assert len(dead) > 1 and watched["ApproximateNumberOfMessagesVisible"] == dead


def test_every_workflow_is_watched_for_a_bad_end() -> None:
    watched: dict[str, set[str]] = {}
    for alarm in alarms().values():
        for metric in alarm.metrics:
            for kind, value in metric.dimensions:
                if kind == "StateMachineArn":
                    watched.setdefault(value.rsplit(":", 1)[-1], set()).add(metric.name)
    names = {
        one["Name"]["Fn::Sub"].replace("${Stage}", "test")
        for _, one in template.resources("AWS::Serverless::StateMachine")
    }
    assert watched == dict.fromkeys(names, PUBLISHED["AWS/States", ("StateMachineArn",)])


def test_no_function_fails_unseen() -> None:
    """A fault is counted by the edge; a crash or a time-out, before it can, shows where the call came from."""
    steps = {
        name
        for _, machine in template.resources("AWS::Serverless::StateMachine")
        for name in machine["DefinitionSubstitutions"]
    }
    authorizers = {"Authorize"}  # the gateway answers 500 for it; its handler refuses behind its door
    for function, module in handlers():
        door = module.answer if function.logical_id in authorizers else module.handler
        assert door.__globals__["__name__"] != module.__name__, function.logical_id
        behind_the_gateway = any(function.ways()) or function.logical_id in authorizers
        # A queue hands what fails too often on to its dead letters by itself.
        kept = "OnFailure" in json.dumps(function.properties) or any(function.events("SQS"))
        assert behind_the_gateway or kept or function.logical_id in steps | BY_HAND, function.logical_id


# -- the dashboard
def dashboard() -> dict[str, Any]:
    body = template.read(cloudwatch.FILE)["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    filled = body.replace("${Stage}", "test")
    shown: dict[str, Any] = json.loads(filled)
    return shown


def drawn() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every metric of every graph, expressions left out."""
    for widget in dashboard()["widgets"]:
        for line in widget["properties"].get("metrics", []):
            names = [part for part in line if isinstance(part, str)]
            if names:
                namespace, name, *pairs = names
                yield namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True))


@pytest.mark.capability("PLT-13")
def test_the_dashboard_shows_every_alarm_and_only_what_is_measured() -> None:
    shown = next(widget for widget in dashboard()["widgets"] if widget["type"] == "alarm")
    assert sorted(shown["properties"]["alarms"]) == sorted(f"${{{name}.Arn}}" for name in alarms(cloudwatch.FILE))
    found = list(drawn())
    assert len(found) > 20
    for namespace, name, dimensions in found:
        assert is_known(namespace, name, dimensions), (namespace, name, dimensions)


def test_what_is_counted_is_read_by_an_alarm_or_shown() -> None:
    watched = {metric.name for alarm in alarms().values() for metric in alarm.metrics}
    outcomes = {outcome.value for outcome in Outcome}  # of the provider's word, each under its own name
    assert counted() - outcomes <= watched | {name for _, name, _ in drawn()}


def test_what_alarms_say_is_encrypted_and_only_cloudwatch_says_it() -> None:
    resources = template.read(cloudwatch.FILE)["Resources"]
    assert resources["Topic"]["Properties"]["KmsMasterKeyId"] == {"Ref": "KeyArn"}
    allowed, denied = resources["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"} and "aws:SourceAccount" in json.dumps(
        allowed
    )
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    key = json.dumps(template.read("infra/data.yaml")["Resources"]["Key"])
    assert "cloudwatch.amazonaws.com" in key
