"""Step Functions, as far as our workflows use it: runs them by their definitions, calling the template's functions."""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.models import StepFunctionBackend

from tests.support import template
from tests.support.shop import Shop
from tests.support.template import ROOT
from tests.support.workflows import WAIT, function_of, read

Json = dict[str, Any]
MOST_STATES = 50  # of a run that does not go in circles


class Execution:
    """`entered` are its states so far, a billed transition each; it stands in the last of them while it is running."""

    def __init__(self, service: "StepFunctions", definition: Json, given: Json) -> None:
        self.service, self.states, self.given, self.data = service, definition["States"], given, given
        self.start_at: str = definition["StartAt"]
        self.entered: list[str] = []
        self.status, self.error, self.token = "RUNNING", "", ""

    @property
    def waits_at(self) -> str | None:
        return self.entered[-1] if self.status == "RUNNING" else None

    def enter(self, name: str) -> None:
        self.entered.append(name)
        assert len(self.entered) <= MOST_STATES, self.entered
        state = self.states[name]
        (retry,) = state["Retry"]
        error = ""
        for _ in range(1 + retry["MaxAttempts"]):
            self.token = str(uuid4())
            try:
                output = self.service.shop.invoke(function_of(state), self._payload(state))
            except Exception as failure:
                error = type(failure).__name__
                if self.token in self.service.told:  # before the function broke off: the step is over
                    return
                if error not in retry["ErrorEquals"]:
                    break
            else:
                if state["Resource"] != WAIT:
                    self.go_on(output)
                return
        self.turn(error)

    def go_on(self, output: Any) -> None:
        state = self.states[self.entered[-1]]
        self.data = output if "ResultPath" not in state else self.data
        if "Next" in state:
            self.enter(state["Next"])
        else:
            self.status = "SUCCEEDED"

    def turn(self, error: str) -> None:
        caught = self.states[self.entered[-1]].get("Catch", [])
        after = next((one["Next"] for one in caught if error in one["ErrorEquals"]), None)
        if after:
            self.enter(after)
        else:
            self.status, self.error = "FAILED", error

    def time_out(self) -> None:
        """The limit of the step that waits has passed."""
        self.turn("States.Timeout")

    def _payload(self, state: Json) -> Json:
        wanted = state["Parameters"].get("Payload", state["Parameters"])
        return {name.removesuffix(".$"): self._value(path) for name, path in wanted.items()}

    def _value(self, path: str) -> Any:
        if path == "$$.Task.Token":
            return self.token
        given = path.removeprefix("$$.Execution.Input.")
        return self.given[given] if given != path else self.data[path.removeprefix("$.")]


class StepFunctions:
    """What the shop starts and tells here is taken at once, and has its effect when this comes to `work`."""

    def __init__(self, shop: Shop, patch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        self.executions: dict[str, Execution] = {}
        self.told: dict[str, tuple[str, Any]] = {}  # by token: the error, or none and the output

        def tell(token: str, error: str, output: Any = None) -> None:
            if token not in {one.token for one in self.executions.values() if one.status == "RUNNING"}:
                raise InvalidToken()
            self.told.setdefault(token, (error, output))

        patch.setattr(
            StepFunctionBackend, "send_task_success", lambda _, token, output: tell(token, "", json.loads(output))
        )
        patch.setattr(StepFunctionBackend, "send_task_failure", lambda _, token, error: tell(token, error))

    def work(self) -> None:
        """Everything that now follows by itself: facts are told, executions begin, their steps hear and go on."""
        more = True
        while more:
            more = bool(self.shop.drain()) | self._begin() | self._hear()

    def _begin(self) -> bool:
        states, new = boto3.client("stepfunctions"), {}
        for workflow, machine in template.resources("AWS::Serverless::StateMachine"):
            definition = read(ROOT / machine["DefinitionUri"])
            for name, arn in self.shop.executions(workflow).items():
                if name not in self.executions:
                    given = json.loads(states.describe_execution(executionArn=arn)["input"])
                    new[name] = Execution(self, definition, given)
        self.executions |= new
        for execution in new.values():
            execution.enter(execution.start_at)
        return bool(new)

    def _hear(self) -> bool:
        told, self.told = self.told, {}
        waiting = {one.token: one for one in self.executions.values() if one.status == "RUNNING"}
        for token in told.keys() & waiting.keys():
            error, output = told[token]
            waiting[token].turn(error) if error else waiting[token].go_on(output)
        return bool(told)
