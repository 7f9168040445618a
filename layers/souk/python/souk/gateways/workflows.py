"""Step Functions: starting the life of a thing, and telling a waiting step that its time has come."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

from souk.gateways.aws import client
from souk.kernel import correlation, settings


def start(workflow: str, name: str, given: Mapping[str, Any]) -> None:
    """Starts it under a name that is used once; a second start of the same name is the first one."""
    states = client("stepfunctions")
    told = json.dumps({**given, "correlation_id": correlation.current()})
    try:
        states.start_execution(stateMachineArn=settings.arn_of(workflow), name=name, input=told)
    except states.exceptions.ExecutionAlreadyExists:
        return


def go_on(token: str, output: Mapping[str, Any]) -> None:
    """The waiting step ends well."""
    states = client("stepfunctions")
    with _if_it_waits(states):
        states.send_task_success(taskToken=token, output=json.dumps(output))


def turn(token: str, error: str, cause: str) -> None:
    """The waiting step ends with a named failure, which the workflow catches."""
    states = client("stepfunctions")
    with _if_it_waits(states):
        states.send_task_failure(taskToken=token, error=error, cause=cause)


def _if_it_waits(states: Any) -> AbstractContextManager[None]:
    """A step that waits no longer needs no telling."""
    said = states.exceptions
    return suppress(said.TaskTimedOut, said.TaskDoesNotExist, said.InvalidToken)
