"""Step Functions beside the shop in one process: its workflows by their definitions, on the template's functions."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.models import StepFunctionBackend

from tests.support import states_language, template
from tests.support.shop import Shop, client
from tests.support.states_language import Failed, Json, Step
from tests.support.template import ROOT
from tests.support.workflows import read

MOST_STATES = 50  # of a run that does not go in circles


class Execution:
    """`entered` are its states so far, a billed transition each; it stands in the last of them while it is running."""

    def __init__(self, service: "StepFunctions", definition: Json, given: Json) -> None:
        self.service = service
        self.entered: list[str] = []
        self.status, self.error, self.token = "RUNNING", "", ""
        self._life = states_language.execution(definition, given, lambda: str(uuid4()))

    @property
    def waits_at(self) -> str | None:
        return self.entered[-1] if self.status == "RUNNING" else None

    def begin(self) -> None:
        self.go_on(None)

    def go_on(self, output: Any) -> None:
        self._until_it_waits(partial(self._life.send, output))

    def turn(self, error: str) -> None:
        self._until_it_waits(partial(self._life.throw, Failed(error)))

    def time_out(self) -> None:
        """The limit of the step that waits has passed."""
        self.turn("States.Timeout")

    def _until_it_waits(self, move: Callable[[], Step] | None) -> None:
        try:
            while move:
                move = self._try(move())
        except StopIteration:
            self.status = "SUCCEEDED"
        except Failed as failed:
            self.status, self.error = "FAILED", failed.error

    def _try(self, step: Step) -> Callable[[], Step] | None:
        """How its life goes on; not at all while it waits to be told."""
        if not step.tried:
            self.entered.append(step.state)
            assert len(self.entered) <= MOST_STATES, self.entered
        self.token = step.token or ""
        try:
            output = self.service.shop.invoke(step.function, step.payload)
        except Exception as failure:
            if self.token in self.service.told:  # before the function broke off: the step is over
                return None
            return partial(self._life.throw, Failed(type(failure).__name__))
        return None if step.token else partial(self._life.send, output)


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
        states, new = client("stepfunctions"), {}
        for workflow, machine in template.resources("AWS::Serverless::StateMachine"):
            definition = read(ROOT / machine["DefinitionUri"])
            for name, arn in self.shop.executions(workflow).items():
                if name not in self.executions:
                    given = json.loads(states.describe_execution(executionArn=arn)["input"])
                    new[name] = Execution(self, definition, given)
        self.executions |= new
        for execution in new.values():
            execution.begin()
        return bool(new)

    def _hear(self) -> bool:
        told, self.told = self.told, {}
        waiting = {one.token: one for one in self.executions.values() if one.status == "RUNNING"}
        for token in told.keys() & waiting.keys():
            error, output = told[token]
            waiting[token].turn(error) if error else waiting[token].go_on(output)
        return bool(told)
