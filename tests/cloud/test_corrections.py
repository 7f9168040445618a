"""Each correction of the local cloud from both sides.

The plain side fails when ministack does right by itself: then the correction can go. Ours fails when it is broken.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.aws import Aws, local_cloud
from infra.local.deploy import deploy
from infra.local.processes import Trouble, free_ports
from tests.cloud.conftest import TEMPLATE, Probe


def invoke(cloud: Probe, function: str, event: dict[str, Any] | None = None) -> Any:
    answer = cloud.aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event or {}))
    return json.loads(answer["Payload"].read())


def await_true(question: Callable[[], object], seconds: float) -> bool:
    """Whether the question is answered with yes within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.1)
    return False


def messages(aws: Aws, queue: str) -> list[dict[str, Any]]:
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])


def times_seen(aws: Aws, item: str) -> int:
    """How often the stream's consumer was given the item."""
    logs = aws.client("logs")
    try:
        events = logs.filter_log_events(logGroupName="/aws/lambda/on-stream")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return 0
    return sum(event["message"].count(f"saw {item}") for event in events)


def put(aws: Aws, item: str) -> None:
    aws.client("dynamodb").put_item(TableName="probe", Item={"id": {"S": item}})


class TestLambda:
    def test_a_layer_is_unpacked_once_for_all_workers(self, plain: Probe, ours: Probe) -> None:
        assert "/ministack-lambda-" in invoke(plain, "whoami")["layer"]
        assert "/cache/layers/" in invoke(ours, "whoami")["layer"]

    def test_a_burst_waits_for_its_turn(self, plain: Probe, ours: Probe) -> None:
        def processes(cloud: Probe) -> set[str]:
            with ThreadPoolExecutor(8) as pool:
                return set(pool.map(lambda _: invoke(cloud, "slow"), range(8)))

        assert len(processes(plain)) > 4
        assert len(processes(ours)) <= 4

    def test_an_exception_leaves_the_worker_warm(self, plain: Probe, ours: Probe) -> None:
        def survives(cloud: Probe) -> bool:
            before = invoke(cloud, "fail-when-asked")
            invoke(cloud, "fail-when-asked", {"fail": True})
            return before == invoke(cloud, "fail-when-asked")

        assert not survives(plain)
        assert survives(ours)

    def test_an_exception_bears_its_name(self, plain: Probe, ours: Probe) -> None:
        def error(cloud: Probe) -> Any:
            return invoke(cloud, "fail-when-asked", {"fail": True})

        assert error(plain)["errorType"] == "Runtime.HandlerError"
        assert error(ours) == {"errorType": "OutOfStock", "errorMessage": "none left,\nnot one"}

    def test_a_process_that_ends_in_the_middle_is_told_from_an_exception(self, plain: Probe, ours: Probe) -> None:
        def error(cloud: Probe) -> Any:
            return invoke(cloud, "fail-when-asked", {"die": True})["errorType"]

        assert error(plain) == "Runtime.HandlerError"
        assert error(ours) == "Runtime.ExitError"

    def test_a_record_reported_as_failed_comes_again(self, plain: Probe, ours: Probe) -> None:
        put(plain.aws, "refused")
        put(ours.aws, "refused")
        assert await_true(lambda: times_seen(ours.aws, "refused") > 1, 20)
        assert times_seen(plain.aws, "refused") == 1

    def test_a_layer_is_weighed_once_for_all_functions(self, plain: Probe, ours: Probe) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            for number in range(4000):
                file.writestr(f"python/{number}.txt", "")

        def seconds(cloud: Probe) -> float:
            lambdas = cloud.aws.client("lambda")
            before = [one["Arn"] for one in lambdas.get_function_configuration(FunctionName="whoami")["Layers"]]
            made = lambdas.publish_layer_version(LayerName="many-files", Content={"ZipFile": archive.getvalue()})
            began = time.monotonic()
            for _ in range(10):
                lambdas.update_function_configuration(FunctionName="whoami", Layers=[made["LayerVersionArn"]])
            took = time.monotonic() - began
            lambdas.update_function_configuration(FunctionName="whoami", Layers=before)
            return took

        assert seconds(ours) < seconds(plain) / 2


class TestEvents:
    def test_a_rule_whose_function_fails_ends_in_its_queue(self, plain: Probe, ours: Probe) -> None:
        for cloud in (plain, ours):
            cloud.aws.client("events").put_events(Entries=[{"Source": "probe", "DetailType": "Said", "Detail": "{}"}])
        assert await_true(lambda: messages(ours.aws, "failures"), 20)
        assert not await_true(lambda: messages(plain.aws, "failures"), 3)

    def test_timers_fire_in_time(self, plain: Probe, ours: Probe) -> None:
        dues = [datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds) for seconds in (2, 4, 6)]
        for cloud in (plain, ours):
            for due in dues:
                cloud.aws.client("scheduler").create_schedule(
                    Name=f"at-{due:%H%M%S}",
                    ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
                    FlexibleTimeWindow={"Mode": "OFF"},
                    Target={
                        "Arn": "arn:aws:sqs:eu-west-1:000000000000:timers",
                        "RoleArn": "arn:aws:iam::000000000000:role/any",
                        "Input": str(due.timestamp()),
                    },
                )

        def lateness(cloud: Probe) -> float:
            found: dict[str, float] = {}

            def all_fired() -> bool:
                for message in messages(cloud.aws, "timers"):
                    sent = int(message["Attributes"]["SentTimestamp"]) / 1000
                    found[message["Body"]] = sent - float(message["Body"])
                return len(found) == len(dues)

            assert await_true(all_fired, 25)
            return max(found.values())

        assert lateness(ours) < 2
        assert lateness(plain) > 3

    def test_a_schedule_says_when_it_was_due(self, plain: Probe, ours: Probe) -> None:
        due = datetime.now(UTC).replace(microsecond=0)

        def said(cloud: Probe) -> str:
            queue = cloud.aws.client("sqs").create_queue(QueueName="schedules")["QueueUrl"]
            cloud.aws.client("scheduler").create_schedule(
                Name="says-when",
                ScheduleExpression=f"at({due:%Y-%m-%dT%H:%M:%S})",
                FlexibleTimeWindow={"Mode": "OFF"},
                Target={
                    "Arn": f"arn:aws:sqs:eu-west-1:000000000000:{queue.rsplit('/', 1)[-1]}",
                    "RoleArn": "arn:aws:iam::000000000000:role/any",
                    "Input": "<aws.scheduler.scheduled-time>",
                },
            )
            found: list[str] = []

            def fired() -> bool:
                found.extend(one["Body"] for one in messages(cloud.aws, "schedules"))
                return bool(found)

            assert await_true(fired, 15)
            return found[0]

        assert said(plain) == "<aws.scheduler.scheduled-time>"
        assert due <= datetime.fromisoformat(said(ours)) <= datetime.now(UTC)


class TestGateway:
    def test_a_route_for_any_method_is_kept(self, plain: Probe, ours: Probe) -> None:
        assert requests.patch(f"{plain.url}/any", timeout=20).status_code == 403
        assert requests.patch(f"{ours.url}/any", timeout=20).json() == {"method": "PATCH"}

    def test_the_gateway_itself_answers_as_the_template_says(self, plain: Probe, ours: Probe) -> None:
        assert requests.get(f"{plain.url}/nowhere", timeout=20).status_code == 403
        answer = requests.get(f"{ours.url}/nowhere", timeout=20)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
        assert answer.json() == {"code": "missing"}


def test_a_table_has_the_time_to_live_of_its_template(plain: Probe, ours: Probe) -> None:
    def time_to_live(cloud: Probe) -> str | None:
        answer = cloud.aws.client("dynamodb").describe_time_to_live(TableName="probe")
        return answer["TimeToLiveDescription"].get("AttributeName")

    assert time_to_live(plain) is None
    assert time_to_live(ours) == "expires_at"


SUM = """
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Sum:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: sum
      Metrics:
        - {Id: sum, Expression: one + one}
        - {Id: one, ReturnData: false, MetricStat: {Metric: {Namespace: Probe, MetricName: One}, Period: 60, Stat: Sum}}
      ComparisonOperator: GreaterThanThreshold
      Threshold: 0
      EvaluationPeriods: 1
"""


def test_an_alarm_over_several_metrics_is_deployed(plain: Probe, ours: Probe, tmp_path: Path) -> None:
    template = tmp_path / "sum.yaml"
    template.write_text(SUM)
    with pytest.raises(Trouble, match="metric math"):
        deploy(plain.aws, template, "sum", {})
    deploy(ours.aws, template, "sum", {})
    (alarm,) = ours.aws.client("cloudwatch").describe_alarms(AlarmNames=["sum"])["MetricAlarms"]
    assert (alarm["Threshold"], alarm["StateValue"]) == (0, "INSUFFICIENT_DATA")


def test_a_task_token_that_cannot_be_handed_over_fails_the_task(plain: Probe, ours: Probe) -> None:
    def error(cloud: Probe) -> Any:
        workflows = cloud.aws.client("stepfunctions")
        machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:hand-over"
        run = workflows.start_execution(stateMachineArn=machine)["executionArn"]
        assert await_true(lambda: workflows.describe_execution(executionArn=run)["status"] != "RUNNING", 15)
        return workflows.describe_execution(executionArn=run)["error"]

    assert error(plain) == "States.Timeout"
    assert error(ours) == "OutOfStock"


@pytest.mark.parametrize(("module", "heard"), [("ministack", False), ("infra.local.cloud", True)])
def test_a_stream_is_read_on_after_a_restart(module: str, heard: bool, tmp_path: Path) -> None:
    port = free_ports(1)
    with local_cloud(tmp_path, port, keep=True, module=module) as aws:
        deploy(aws, TEMPLATE, "probe", {})
        put(aws, "before")
        assert await_true(lambda: times_seen(aws, "before"), 20)
    with local_cloud(tmp_path, port, keep=True, module=module) as aws:
        assert aws.client("dynamodb").get_item(TableName="probe", Key={"id": {"S": "before"}})["Item"]
        put(aws, "after")
        assert await_true(lambda: times_seen(aws, "after"), 8) == heard


def test_a_nested_stack_is_brought_up_to_date(plain: Probe, ours: Probe, tmp_path: Path) -> None:
    parent, child = tmp_path / "parent.yaml", tmp_path / "child.yaml"
    parent.write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources: {Child: {Type: AWS::Serverless::Application, Properties: {Location: child.yaml}}}\n"
        "Outputs: {Arn: {Value: !GetAtt Child.Outputs.Arn}}\n"
    )

    def deployed(cloud: Probe, seconds: int) -> str:
        child.write_text(
            "Resources:\n"
            "  Same: {Type: AWS::SQS::Queue}\n"
            f"  Other: {{Type: AWS::SQS::Queue, Properties: {{VisibilityTimeout: {seconds}}}}}\n"
            "Outputs: {Arn: {Value: !GetAtt Same.Arn}}\n"
        )
        return deploy(cloud.aws, parent, "parent", {})["Arn"]

    assert deployed(plain, 10)
    with pytest.raises(Trouble, match="does not exist in schema"):
        deployed(plain, 20)
    assert deployed(ours, 10) == deployed(ours, 20)


def test_a_nested_stack_may_be_sams(plain: Probe, ours: Probe, tmp_path: Path) -> None:
    parent, child = tmp_path / "parent.yaml", tmp_path / "child.yaml"
    parent.write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources: {Child: {Type: AWS::Serverless::Application, Properties: {Location: child.yaml}}}\n"
    )

    def deployed(cloud: Probe, seconds: int) -> int:
        child.write_text(
            "Transform: AWS::Serverless-2016-10-31\n"
            f"Globals: {{Function: {{Runtime: python3.13, CodeUri: {TEMPLATE.parent / 'functions'}}}}}\n"
            "Resources:\n"
            "  Inner:\n"
            "    Type: AWS::Serverless::Function\n"
            f"    Properties: {{FunctionName: inner, Handler: probe.whoami, Timeout: {seconds}}}\n"
        )
        deploy(cloud.aws, parent, "with-sam", {})
        return int(cloud.aws.client("lambda").get_function_configuration(FunctionName="inner")["Timeout"])

    with pytest.raises(Trouble, match="Serverless::Function"):
        deployed(plain, 10)
    assert (deployed(ours, 10), deployed(ours, 20)) == (10, 20)
