"""The whole shop in one process, on moto: requests by path, facts by the template's rules, timers by the clock."""

import base64
import importlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from souk.domains.access.model.rights import PERMISSIONS
from souk.edge.caller import written
from souk.kernel import clock, ids, kept
from souk.kernel.caller import Caller
from souk.table import current
from souk.table.record import text_of
from tests.support import files, template, usage
from tests.support.context import ACCOUNT, REGION, Context
from tests.support.lean_moto import MotoTable, quicken
from tests.support.memory import MemoryTable

MOST_FAILURES = 20  # of one function, before its messages are left in the queue
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # a Monday


@dataclass
class FrozenClock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    def ok(self) -> Any:
        assert self.status < 300, (self.status, self.body)
        return self.body


@cache
def client(service: str) -> Any:
    """For looking behind the counter. It serves one shop after the other, as the functions' own do: moto takes what
    any client sends, and to make one costs more than what most tests do with it.
    """
    return boto3.client(service)


def environment() -> dict[str, str]:
    """The settings of every function at once, as the template would give them."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "TABLE_NAME": "souk-test",
        "BUS_NAME": "souk-test-bus",
        "TIMER_GROUP": "souk-test-timers",
        "TIMER_ROLE": f"arn:aws:iam::{ACCOUNT}:role/timers",
        "STRIPE_SECRET": "souk/test/stripe",
        "WECHAT_PAY_SECRET": "souk/test/wechat-pay",
        "ALIPAY_SECRET": "souk/test/alipay",
        "TIMER_DEAD_LETTERS": f"arn:aws:sqs:{REGION}:{ACCOUNT}:timers",
        "CURSOR_SECRET": "souk/test/cursor",
        "HASH_SECRET": "souk/test/hash",
        "MAIL_FROM": "shop@example.com",
        "FILES_BUCKET": "souk-test-files",
        "MEDIA_URL": "https://media.example.com",
        "ROWS_QUEUE": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/Rows",
        "BILLS_QUEUE": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/Bills",
        "RATES_URL": "http://rates.invalid/eurofxref-daily.xml",
        "POWERTOOLS_SERVICE_NAME": "souk",
        "POWERTOOLS_METRICS_NAMESPACE": "Souk/test",
        "POWERTOOLS_TRACE_DISABLED": "1",
        "ALLOWED_ORIGINS": "https://shop.example.com,https://till.example.com",
        "LIVE_MONEY": "off",
        "SHIPMENT_SECONDS": "1209600",
        "REVIEW_SECONDS": "172800",
        "GOODS_SECONDS": "1209600",
        "INSPECTION_SECONDS": "172800",
        "REFUND_SECONDS": "432000",
        **_arns(),
    }


@cache
def _arns() -> Mapping[str, str]:
    named = {
        name for one in template.functions() for name in one.properties.get("Environment", {}).get("Variables", {})
    }
    return {name: _arn(name) for name in sorted(named) if name.endswith("_ARN")}


def _arn(name: str) -> str:
    """APPLY_LISTING_ARN is the function or the workflow with the logical id ApplyListing."""
    logical_id = "".join(word.capitalize() for word in name.removesuffix("_ARN").split("_"))
    if logical_id in dict(template.resources("AWS::Serverless::StateMachine")):
        return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{logical_id}"
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{logical_id}"


class Doors:
    """The production handlers as the gateway and Lambda call them, on whatever ground the process stands."""

    def __init__(self) -> None:
        self._number = 0
        self.boss = Caller(id="boss", kind="staff", may=frozenset(PERMISSIONS))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        as_: Caller | None = None,
        raw: str | None = None,
        query: Mapping[str, str | list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """A request as API Gateway hands it to the function that owns the path."""
        text = raw if raw is not None else json.dumps(body) if body is not None else None
        given = {"content-type": "application/json", **(headers or {})}
        identity = {"caller": written(as_)} if as_ else {}
        asked = {k: v if isinstance(v, list) else [v] for k, v in (query or {}).items()}
        event = {
            "resource": path,
            "path": path,
            "httpMethod": method,
            "body": text,
            "isBase64Encoded": False,
            "headers": given,
            "multiValueHeaders": {k: [v] for k, v in given.items()},
            "queryStringParameters": {k: v[-1] for k, v in asked.items()} or None,
            "multiValueQueryStringParameters": asked or None,
            "pathParameters": None,
            "stageVariables": None,
            "requestContext": {
                "requestId": self.request_id(),
                "authorizer": identity,
                "stage": "v1",
                "path": f"/v1{path}",
                "httpMethod": method,
                "identity": {"sourceIp": source},
            },
        }
        answer = self.invoke(_owner(path), event)
        content = answer.get("body") or ""
        content = base64.b64decode(content).decode() if answer.get("isBase64Encoded") else content
        told = {k: v[-1] for k, v in (answer.get("multiValueHeaders") or {}).items()} | (answer.get("headers") or {})
        if content and told.get("Content-Type") != "text/plain":
            content = json.loads(content)
        return Answer(answer["statusCode"], content or None, told)

    def get(self, path: str, as_: Caller | None = None, **query: Any) -> Answer:
        return self.call("GET", path, as_=as_, query={k: str(v) for k, v in query.items()})

    def post(self, path: str, body: Any = None, as_: Caller | None = None, **more: Any) -> Answer:
        return self.call("POST", path, {} if body is None else body, as_=as_, **more)

    def put(self, path: str, body: Any, as_: Caller | None = None) -> Answer:
        return self.call("PUT", path, body, as_=as_)

    def delete(self, path: str, as_: Caller | None = None, **query: Any) -> Answer:
        return self.call("DELETE", path, as_=as_, query={k: str(v) for k, v in query.items()})

    def invoke(self, logical_id: str, event: Any) -> Any:
        """One function on one event, as Lambda would."""
        function = next(one for one in template.functions() if one.logical_id == logical_id)
        with usage.running(logical_id):
            return importlib.import_module(function.module).handler(event, Context())

    def staff(self, *may: str, stores: tuple[str, ...] = ()) -> Caller:
        """Somebody who may do just this."""
        return Caller(id="clerk", kind="staff", may=frozenset(may), stores=frozenset(stores))

    def next_number(self) -> int:
        """For names that must differ within a test."""
        self._number += 1
        return self._number

    def request_id(self) -> str:
        return str(uuid4())


@lru_cache(4096)
def _owner(path: str) -> str:
    asked, best = path.split("/"), (0, "")
    for steps, function in _paths():
        fits = all(step == there or step.startswith("{") for step, there in zip(steps, asked, strict=False))
        if fits and best[0] < len(steps) <= len(asked):
            best = (len(steps), function)
    assert best[1], f"no function owns {path}"
    return best[1]


@cache
def _paths() -> tuple[tuple[tuple[str, ...], str], ...]:
    """What the gateway knows: the steps of each path, and the function that owns it."""
    return tuple((tuple(way.path.removesuffix("/{proxy+}").split("/")), way.function) for way in template.ways())


class Shop(Doors):
    """Made inside moto's mock with `environment()` in place; see the fixture `shop`."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FrozenClock()
        clock.use(self.clock)
        kept.use(usage.OfEach())
        self._told: set[str] = set()
        self._has_queues = False
        self._make_ground()
        self.table: MotoTable | MemoryTable
        self.keep_in_dynamodb()

    # -- what happens by itself
    def drain(self, times: int = 1) -> int:
        """Tells every fact that waits, `times` times over, to the functions whose rules name it; returns how many.

        Messages in the queues are delivered before.
        """
        told = 0
        while news := self._news(times):
            for row in sorted(news, key=lambda row: row["fact_id"]):
                self._told.add(row["fact_id"])
                told += 1
                for _ in range(times):
                    self._tell(row)
        return told

    def tell_again(self) -> None:
        """The bus brings every fact once more, as it does with what its function failed with."""
        self._told.clear()

    def _news(self, times: int) -> list[dict[str, Any]]:
        self.deliver(times)
        return [row for row in self.rows("Fact") if row["fact_id"] not in self._told]

    def deliver(self, times: int = 1) -> None:
        """Hands all messages of the queues to their functions, `times` times over; what fails comes again."""
        if not self._has_queues:
            return
        left = {function.logical_id: MOST_FAILURES for function in template.functions()}
        while batches := [
            (function, queue, batch)
            for function in template.functions()
            for event in function.events("SQS")
            for queue in [files.queue_of(event)]
            if left[function.logical_id] and (batch := list(files.messages(queue, event["BatchSize"])))
        ]:
            for function, queue, batch in batches:
                for _ in range(times):
                    answer = self.invoke(function.logical_id, {"Records": batch})
                failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
                left[function.logical_id] -= bool(failed)
                for message in batch:
                    if message["messageId"] in failed:
                        files.give_back(queue, message["body"])

    def _tell(self, row: Mapping[str, Any]) -> None:
        event = {
            "id": str(uuid4()),
            "source": row["source"],
            "detail-type": row["detail_type"],
            "detail": row["detail"],
        }
        for function in template.functions():
            for rule in function.events("EventBridgeRule"):
                pattern = rule["Pattern"]
                if row["source"] in pattern["source"] and row["detail_type"] in pattern["detail-type"]:
                    self.invoke(function.logical_id, json.loads(json.dumps(event)))

    def facts(self, detail_type: str) -> list[dict[str, Any]]:
        """The data of every fact of that name that was ever saved, in order."""
        found = [row for row in self.rows("Fact") if row["detail_type"] == detail_type]
        return [row["detail"]["data"] for row in sorted(found, key=lambda row: row["fact_id"])]

    def pass_time(self, **span: float) -> None:
        """Moves the clock on; timers that fall due on the way fire, each at its own time."""
        until = self.clock.at + timedelta(**span)
        while due := [timer for timer in self.timers() if timer[0] <= until]:
            at, name, target, payload = min(due)
            self.clock.at = max(self.clock.at, at)
            self.scheduler.delete_schedule(Name=name, GroupName=os.environ["TIMER_GROUP"])
            self.invoke(target, json.loads(payload))
        self.clock.at = until

    def timers(self) -> list[tuple[datetime, str, str, str]]:
        """Every timer that is set: when, its name, the function's logical id, its payload."""
        found = []
        for one in self.scheduler.list_schedules(GroupName=os.environ["TIMER_GROUP"])["Schedules"]:
            timer = self.scheduler.get_schedule(Name=one["Name"], GroupName=os.environ["TIMER_GROUP"])
            at = datetime.fromisoformat(timer["ScheduleExpression"][3:-1]).replace(tzinfo=UTC)
            target = timer["Target"]
            found.append((at, one["Name"], target["Arn"].rsplit(":", 1)[-1], target["Input"]))
        return found

    def executions(self, workflow: str) -> dict[str, str]:
        """Name -> ARN, of what was started of a workflow."""
        states = client("stepfunctions")
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{workflow}"
        found = states.list_executions(stateMachineArn=arn)["executions"]
        return {one["name"]: one["executionArn"] for one in found}

    def make_queues(self) -> None:
        """From now on files that are sent up are told of, and messages can be sent; few tests need it."""
        files.make_queues()
        self._has_queues = True

    def keep_in_memory(self) -> None:
        """From now on; again and again, where each of many examples wants an empty shop."""
        self.table = MemoryTable()
        current.use(self.table)

    def keep_in_dynamodb(self) -> None:
        """The same for moto's table, where nothing was kept in memory yet."""
        self.table = MotoTable(ACCOUNT, REGION, os.environ["TABLE_NAME"])
        current.use(None)

    # -- looking behind the counter
    def rows(self, kind: str) -> list[dict[str, Any]]:
        """Every item of a kind: its body with the numbers beside it."""
        found = []
        for row in self.table.all():
            if row["kind"] == kind:
                beside = {k: int(v) for k, v in row.items() if k not in _NOT_BESIDE}
                found.append(json.loads(_text(row)) | beside)
        return found

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Not one item is other than before, facts that wait to be told included."""
        before = self.everything()
        yield
        assert self.everything() == before

    def everything(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every item by its key."""
        return {(str(row["PK"]), str(row["SK"])): row for row in self.table.all()}

    def _make_ground(self) -> None:
        ground = template.read("infra/data.yaml")["Resources"]["Table"]["Properties"]
        wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        given = {name: json.loads(json.dumps(ground[name])) for name in wanted}
        client("dynamodb").create_table(TableName=os.environ["TABLE_NAME"], **given)
        client("events").create_event_bus(Name=os.environ["BUS_NAME"])
        self.scheduler = client("scheduler")
        self.scheduler.create_schedule_group(Name=os.environ["TIMER_GROUP"])
        files.make_bucket()
        vault = client("secretsmanager")
        for name in ("cursor", "hash"):
            vault.create_secret(Name=f"souk/test/{name}", SecretString=json.dumps({"key": "0" * 32}))
        vault.create_secret(
            Name="souk/test/stripe",
            SecretString=json.dumps(
                {"api_key": "sk_test_souk", "publishable_key": "pk_test_souk", "webhook_secrets": ["whsec_souk"]}
            ),
        )
        for name, secret in (("wechat-pay", "WechatPaySecret"), ("alipay", "AlipaySecret")):
            unfilled = template.read()["Resources"][secret]["Properties"]["GenerateSecretString"]
            vault.create_secret(Name=f"souk/test/{name}", SecretString=unfilled["SecretStringTemplate"])
        for name, _ in template.resources("AWS::Serverless::StateMachine"):
            client("stepfunctions").create_state_machine(
                name=name,
                roleArn=f"arn:aws:iam::{ACCOUNT}:role/x",
                definition='{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
            )


@contextmanager
def opened(patch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """An empty shop on moto, closed again afterwards."""
    for name, value in environment().items():
        patch.setenv(name, value)
    patch.delenv("AWS_ENDPOINT_URL", raising=False)
    patch.setattr(clock, "pause", lambda seconds: None)
    quicken(patch)
    with mock_aws():
        yield Shop()
    clock.use(None)
    ids.use(None)
    current.use(None)


def _text(row: Mapping[str, Any]) -> str:
    return text_of({name: bytes(value) if name == "packed" else value for name, value in row.items()})


_NOT_BESIDE = {"PK", "SK", "kind", "body", "packed", "card", "expires_at"} | {
    f"gsi{n}{k}k" for n in (1, 2, 3) for k in "ps"
}
