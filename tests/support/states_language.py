"""The States Language as far as our workflows use it: an execution asks for one step after the other, and goes on by
what each is answered.
"""

from collections import Counter
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from tests.support.workflows import WAIT, function_of

Json = dict[str, Any]


class Step(NamedTuple):
    """A state's function is to be called; within so many seconds it answers, or what is told under the token does.

    A state that is entered, which is a billed transition, has not been `tried`; a step that failed is tried again
    after a pause.
    """

    state: str
    function: str
    payload: Json
    seconds: float
    token: str | None
    tried: int
    pause: float


class Failed(Exception):
    """By the name that Retry and Catch read: thrown in where a step failed, and out where the execution ends so."""

    def __init__(self, error: str, cause: str = "") -> None:
        self.error, self.cause = error, cause
        super().__init__(f"{error}: {cause}")


Execution = Generator[Step, Any, None]


def execution(definition: Json, given: Json, new_token: Callable[[], str]) -> Execution:
    data, name = given, definition["StartAt"]
    while name:
        state = definition["States"][name]
        if state["Type"] == "Fail":
            raise Failed(_at(state["ErrorPath"], data, {}), _at(state["CausePath"], data, {}))
        if state["Type"] != "Task" or state.get("ResultPath") is not None:
            raise NotImplementedError(state)
        try:
            answer = yield from _tried(name, state, data, given, new_token)
        except Failed as failed:
            catch = _matching(state.get("Catch", []), failed)
            if catch is None:
                raise
            if catch["ResultPath"]:
                data = {**data, catch["ResultPath"].removeprefix("$."): {"Error": failed.error, "Cause": failed.cause}}
            name = catch["Next"]
        else:
            data, name = data if "ResultPath" in state else answer, state.get("Next")


def _tried(name: str, state: Json, data: Json, given: Json, new_token: Callable[[], str]) -> Generator[Step, Any, Any]:
    tries: Counter[str] = Counter()
    pause = 0.0
    while True:
        token = new_token() if state["Resource"] == WAIT else None
        wanted = state["Parameters"]["Payload"] if token else state["Parameters"]
        context = {"Execution": {"Input": given}, "Task": {"Token": token}}
        payload = {field.removesuffix(".$"): _at(path, data, context) for field, path in wanted.items()}
        try:
            return (yield Step(name, function_of(state), payload, state["TimeoutSeconds"], token, tries.total(), pause))
        except Failed as failed:
            retry = _matching(state.get("Retry", []), failed)
            if retry is None or tries[str(retry)] == retry["MaxAttempts"]:
                raise
            pause = retry["IntervalSeconds"] * retry["BackoffRate"] ** tries[str(retry)]
            tries[str(retry)] += 1


def _at(path: str, data: Json, context: Json) -> Any:
    """`$.order_id` is of the state's data, `$$.Task.Token` of the context object."""
    found: Any = context if path.startswith("$$") else data
    for step in path.split(".")[1:]:
        found = found[step]
    return found


def _matching(rules: list[Json], failed: Failed) -> Json | None:
    return next((rule for rule in rules if {failed.error, "States.ALL"} & {*rule["ErrorEquals"]}), None)
