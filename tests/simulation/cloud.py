"""AWS beside the table, as clients of botocore: small, in memory, every call on the wire."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import md5
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ReadTimeoutError

from infra.local.alipay import signing as alipay
from infra.local.wechat_pay import signing as wechat_pay
from tests.simulation.faults import TIMEOUTS

if TYPE_CHECKING:
    from tests.simulation.world import World

SECRETS: dict[str, Callable[[], dict[str, Any]]] = {
    "souk/test/cursor": lambda: {"key": "0" * 32},
    "souk/test/hash": lambda: {"key": "0" * 32},
    "souk/test/stripe": lambda: {
        "api_key": "sk_test_souk",
        "publishable_key": "pk_test_souk",
        "webhook_secrets": ["whsec_souk"],
    },
    "souk/test/wechat-pay": lambda: wechat_pay.secret("https://shop.simulated/hooks/wechat-pay"),
    "souk/test/alipay": lambda: alipay.secret("https://shop.simulated/hooks/alipay"),
}


NAMED = (
    "ConflictException",
    "ResourceNotFoundException",
    "ExecutionAlreadyExists",
    "TaskTimedOut",
    "TaskDoesNotExist",
    "InvalidToken",
    "PreconditionFailed",
)
EXCEPTIONS = SimpleNamespace(**{name: type(name, (ClientError,), {}) for name in NAMED})


def refused(name: str, operation: str) -> Exception:
    """The exception that botocore makes of that code."""
    made: Exception = getattr(EXCEPTIONS, name)({"Error": {"Code": name, "Message": ""}}, operation)
    return made


class Client:
    """One service; a method of a subclass is one operation of it."""

    exceptions = EXCEPTIONS

    def __init__(self, world: "World") -> None:
        self.world = world

    def _call(self, operation: str, do: Callable[[], Any]) -> Any:
        def failed(kind: str) -> Exception:
            if kind in TIMEOUTS:
                return ReadTimeoutError(endpoint_url=type(self).__name__)
            code = "ThrottlingException" if kind == "throttle" else "InternalServerError"
            return ClientError({"Error": {"Code": code, "Message": kind}}, operation)

        return self.world.wire.call(f"{type(self).__name__} {operation}", do, failed)


class Events(Client):
    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        (entry,) = Entries

        def put() -> dict[str, Any]:
            if self.world.wire.fault("drop"):
                return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
            self.world.delivery.publish(entry["Source"], entry["DetailType"], json.loads(entry["Detail"]))
            return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

        return dict(self._call(f"PutEvents {entry['DetailType']}", put))


class Scheduler(Client):
    def create_schedule(self, **asked: Any) -> None:
        self._change("CreateSchedule", asked["Name"], there=False, do=lambda: self._set(asked))

    def update_schedule(self, **asked: Any) -> None:
        self._change("UpdateSchedule", asked["Name"], there=True, do=lambda: self._set(asked))

    def delete_schedule(self, Name: str, GroupName: str) -> None:
        self._change("DeleteSchedule", Name, there=True, do=lambda: self.world.delivery.timers.pop(Name))

    def _change(self, operation: str, name: str, there: bool, do: Callable[[], object]) -> None:
        """One that is there, or that is not yet."""

        def change() -> None:
            if there != (name in self.world.delivery.timers):
                raise refused("ResourceNotFoundException" if there else "ConflictException", operation)
            do()

        self._call(f"{operation} {name}", change)

    def _set(self, asked: Mapping[str, Any]) -> None:
        at = datetime.fromisoformat(asked["ScheduleExpression"][3:-1]).replace(tzinfo=UTC)
        target = asked["Target"]["Arn"].rsplit(":", 1)[-1]
        self.world.delivery.set_timer(asked["Name"], at, target, json.loads(asked["Target"]["Input"]))


class StepFunctions(Client):
    def start_execution(self, stateMachineArn: str, name: str, input: str) -> None:
        def start() -> None:
            if not self.world.workflows.start(stateMachineArn.rsplit(":", 1)[-1], name, json.loads(input)):
                raise refused("ExecutionAlreadyExists", "StartExecution")

        self._call(f"StartExecution {name}", start)

    def send_task_success(self, taskToken: str, output: str) -> None:
        self._tell("SendTaskSuccess", taskToken, json.loads(output))

    def send_task_failure(self, taskToken: str, error: str, cause: str) -> None:
        self._tell("SendTaskFailure", taskToken, (error, cause))

    def _tell(self, operation: str, token: str, said: object) -> None:
        def tell() -> None:
            if not self.world.workflows.tell(token, said):
                raise refused("TaskTimedOut", operation)

        self._call(f"{operation} {token}", tell)


class SecretsManager(Client):
    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        return dict(self._call("GetSecretValue", lambda: {"SecretString": json.dumps(SECRETS[SecretId]())}))


class Sns(Client):
    def publish(self, PhoneNumber: str, Message: str, MessageAttributes: Any) -> dict[str, str]:
        def send() -> dict[str, str]:
            self.world.sent["sms"].append((PhoneNumber, Message))
            return {"MessageId": f"text-{len(self.world.sent['sms'])}"}

        return dict(self._call(f"Publish {Message}", send))


class Sesv2(Client):
    def send_email(self, FromEmailAddress: str, Destination: Any, Content: Any) -> dict[str, str]:
        (to,), title = Destination["ToAddresses"], Content["Simple"]["Subject"]["Data"]

        def send() -> dict[str, str]:
            self.world.sent["mail"].append((to, title))
            return {"MessageId": f"mail-{len(self.world.sent['mail'])}"}

        return dict(self._call(f"SendEmail {title}", send))


class S3(Client):
    """The bucket: a file is sent up by an address that the shop signed, without a call of its own."""

    def generate_presigned_url(self, operation: str, Params: Mapping[str, Any], ExpiresIn: int) -> str:
        return f"https://files.example.com/{Params['Key']}"

    def get_object(self, Bucket: str, Key: str, IfMatch: str) -> dict[str, Any]:
        def get() -> bytes:
            if tag(self.world.files[Key]) != IfMatch:
                raise refused("PreconditionFailed", "GetObject")
            return self.world.files[Key]

        content = self._call(f"GetObject {Key}", get)
        return {"Body": SimpleNamespace(iter_chunks=lambda size: iter((content,)))}

    def put_object(self, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        self._call(f"PutObject {Key}", lambda: self.world.send_up(Key, Body))


class Sqs(Client):
    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:
        queue = QueueUrl.rsplit("/", 1)[-1]

        def send() -> dict[str, Any]:
            lost = [one for one in Entries if self.world.wire.fault("drop")]
            for one in Entries:
                if one not in lost:
                    self.world.delivery.enqueue(queue, one["MessageBody"])
            return {"Failed": [{"Id": one["Id"], "Code": "InternalError"} for one in lost]}

        return dict(self._call(f"SendMessageBatch {queue}", send))


def tag(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


CLIENTS: dict[str, type[Client]] = {
    "events": Events,
    "scheduler": Scheduler,
    "stepfunctions": StepFunctions,
    "secretsmanager": SecretsManager,
    "sns": Sns,
    "sesv2": Sesv2,
    "s3": S3,
    "sqs": Sqs,
}


class Session:
    """Stands where botocore's own would make the clients."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def create_client(self, service: str, config: Any) -> Client:
        return CLIENTS[service](self._world)
