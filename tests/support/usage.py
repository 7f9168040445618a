"""What each function uses while the tests run: its calls to AWS, as the rights they need, and the settings it reads."""

import json
import os
import runpy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from botocore.handlers import BUILTIN_HANDLERS

from souk.kernel import settings
from tests.support import template

TOKEN = "the workflow of the token"  # which one it is, the call does not say
SENDER = "identity/MailIdentity"  # nor as whom SES knows the sender
PHONES = "every telephone"  # no single one is a resource
_LAYER = runpy.run_path(str(template.ROOT / "layers/vendor/trim_botocore.py"))["OPERATIONS"]
_running: ContextVar[str | None] = ContextVar("running", default=None)


class Call(NamedTuple):
    """`resource` is named by the setting that held its name; `by` is a function, or a role that one handed on."""

    by: str
    action: str
    resource: str


class Read(NamedTuple):
    by: str
    setting: str


calls: set[Call] = set()
reads: set[Read] = set()


@contextmanager
def running(function: str | None) -> Iterator[None]:
    """What happens within is this function's doing; None: nobody's, the test looks behind the counter."""
    before = _running.set(function)
    try:
        yield
    finally:
        _running.reset(before)


def whose() -> str | None:
    """The function that is running."""
    return _running.get()


class OfEach(dict[Any, Any]):
    """What is kept, by each function for itself: in the cloud, every one is a process of its own."""

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__((_running.get(), key), value)

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((_running.get(), key), default)


def record() -> None:
    """From now on, in this process."""
    BUILTIN_HANDLERS.append(("provide-client-params", _note))
    settings.os = SimpleNamespace(environ=_Environment())  # type: ignore[assignment,attr-defined]


def save(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"calls": sorted(calls), "reads": sorted(reads)}))


def load(folder: Path) -> tuple[set[Call], set[Read]]:
    """What all processes of a run have saved."""
    found = [json.loads(file.read_text()) for file in folder.glob("*.json")]
    return {Call(*row) for one in found for row in one["calls"]}, {Read(*row) for one in found for row in one["reads"]}


def rights(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The actions that IAM asks for before it lets the call through, each with the resource as the call names it."""
    action = f"{service}:{operation}"
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            for one in params["TransactItems"]:
                ((kind, item),) = one.items()
                yield f"dynamodb:{kind}Item", item["TableName"]
        case "dynamodb", "TransactGetItems":
            yield from (("dynamodb:GetItem", one["Get"]["TableName"]) for one in params["TransactItems"])
        case "dynamodb", "BatchGetItem" | "BatchWriteItem":
            yield from ((action, table) for table in params["RequestItems"])
        case "dynamodb", _:
            yield action, "/index/".join(filter(None, (params["TableName"], params.get("IndexName"))))
        case "events", "PutEvents":
            yield from ((action, entry["EventBusName"]) for entry in params["Entries"])
        case "scheduler", _:
            yield action, f"{params['GroupName']}/*"
            if "Target" in params:
                yield "iam:PassRole", params["Target"]["RoleArn"]
        case "states", "SendTaskSuccess" | "SendTaskFailure":
            yield action, TOKEN
        case "s3", "CopyObject":
            yield "s3:GetObject", _folder(params["CopySource"])
            yield "s3:PutObject", _folder(params)
        case "s3", _:
            yield action.replace("Head", "Get"), _folder(params)
        case "ses", "SendEmail":
            yield action, SENDER
        case "sns", "Publish" if "PhoneNumber" in params:
            yield action, PHONES
        case "sqs", "SendMessageBatch":
            yield "sqs:SendMessage", params["QueueUrl"]
        case _:
            yield action, params[_NAMED_BY[service]]


def _folder(at: Mapping[str, str]) -> str:
    """Every file of the same first folder: single ones have no right of their own."""
    return f"{at['Bucket']}/{at['Key'].split('/')[0]}/*"


_NAMED_BY = {
    "cognito-idp": "UserPoolId",
    "secretsmanager": "SecretId",
    "sns": "TopicArn",
    "sqs": "QueueUrl",
    "states": "stateMachineArn",
}


def note_table(action: str, index: str | None = None) -> None:
    """As if the call had gone to DynamoDB."""
    if function := _running.get():
        call, read = _of_table(function, action, index)
        calls.add(call)
        reads.add(read)


@cache
def _of_table(function: str, action: str, index: str | None) -> tuple[Call, Read]:
    place = f"TABLE_NAME/index/{index}" if index else "TABLE_NAME"
    return Call(function, f"dynamodb:{action}", place), Read(function, "TABLE_NAME")


def _note(params: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
    function = _running.get()
    # The functions speak by botocore alone: boto3 is the test, looking behind the counter.
    # An address that is signed names no client; nobody but functions signs them.
    client = context.get("client_config")
    if function is None or (client and client.user_agent.startswith("Boto3")):
        return
    service, operation = model.service_model.service_name, model.name
    assert operation in _LAYER[service], f"layers/vendor/trim_botocore.py leaves out {service} {operation}"
    for action, resource in rights(model.service_model.signing_name, model.name, params):
        calls.add(Call(function, action, _by_setting(function, resource)))
    if "Target" in params:
        role, target = _by_setting(function, params["Target"]["RoleArn"]), params["Target"]
        calls.add(Call(role, "lambda:InvokeFunction", _by_setting(function, target["Arn"])))
        calls.add(Call(role, "sqs:SendMessage", _by_setting(function, target["DeadLetterConfig"]["Arn"])))


def _by_setting(function: str, resource: str) -> str:
    """What a process has read once and kept is read by everyone who names it in a call."""
    for setting in _settings():
        value = os.environ.get(setting)
        if value and (resource == value or resource.startswith(f"{value}/")):
            reads.add(Read(function, setting))
            return setting + resource.removeprefix(value)
    return resource


@cache
def _settings() -> list[str]:
    """Those that name a thing, which one could have rights on."""
    found = {name for function in template.functions() for name in function.variables}
    return sorted(name for name in found if not name.startswith("POWERTOOLS"))


class _Environment(Mapping[str, str]):
    """The process's own, each reading noted."""

    def __getitem__(self, name: str) -> str:
        if function := _running.get():
            reads.add(Read(function, name))
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)
