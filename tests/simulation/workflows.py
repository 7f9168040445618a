"""Step Functions: the shop's own ASL files, interpreted on virtual time; of the language, what they use."""

from functools import cache
from typing import TYPE_CHECKING, Any

from souk.kernel.errors import Refusal
from tests.simulation.faults import Crash
from tests.simulation.schedule import Signal
from tests.simulation.wire import TimedOut
from tests.support import template
from tests.support.workflows import WAIT, function_of, read

if TYPE_CHECKING:
    from tests.simulation.world import World

FOREVER = 365 * 86400.0


class Failed(Exception):
    def __init__(self, error: str, cause: str = "") -> None:
        self.error, self.cause = error, cause
        super().__init__(f"{error}: {cause}")


class Workflows:
    """Executions by workflow and name; a name is used once."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.executions: dict[tuple[str, str], str] = {}
        self._waiting: dict[str, Signal] = {}
        self._tokens = 0

    def start(self, workflow: str, name: str, given: Any) -> bool:
        """Whether it begins; False where that name has been used. The same name and input while it runs is the same."""
        if (workflow, name) in self.executions:
            return False
        self.executions[workflow, name] = "RUNNING"
        self.world.schedule.spawn(f"{workflow} {name}", lambda: self._run(workflow, name, given))
        return True

    def tell(self, token: str, said: object) -> bool:
        """Whether a step waits for it."""
        signal = self._waiting.pop(token, None)
        if signal:
            self.world.schedule.give(signal, said)
        return signal is not None

    def _run(self, workflow: str, name: str, given: Any) -> None:
        states = definition(workflow)["States"]
        data, step = given, definition(workflow)["StartAt"]
        while step:
            state = states[step]
            self.world.wire.note(f"enters {step}")
            try:
                if self.world.wire.fault("abort"):
                    raise Failed("aborted by an operator")
                data, step = self._step(state, data, given)
            except Failed as failed:
                self.world.wire.note(f"FAILED {failed}")
                self.executions[workflow, name] = "FAILED"
                return
        self.executions[workflow, name] = "SUCCEEDED"

    def _step(self, state: dict[str, Any], data: Any, given: Any) -> tuple[Any, str | None]:
        match state["Type"]:
            case "Task":
                return self._task(state, data, given)
            case "Choice":
                return data, next((c["Next"] for c in state["Choices"] if _holds(c, data)), state["Default"])
            case "Succeed":
                return data, None
            case other:
                raise NotImplementedError(other)

    def _task(self, state: dict[str, Any], data: Any, given: Any) -> tuple[Any, str | None]:
        tried: dict[int, int] = {}
        while True:
            try:
                answer = self._attempt(state, data, given)
                return data if "ResultPath" in state and state["ResultPath"] is None else answer, state.get("Next")
            except Failed as failed:
                retry = _matching(state.get("Retry", []), failed.error)
                if retry is not None and tried.get(id(retry), 0) < retry["MaxAttempts"]:
                    tried[id(retry)] = number = tried.get(id(retry), 0) + 1
                    longest = retry["IntervalSeconds"] * retry["BackoffRate"] ** (number - 1)
                    self.world.schedule.pause(self.world.schedule.chance.uniform(0.0, longest))
                    continue
                catch = _matching(state.get("Catch", []), failed.error)
                if catch is None:
                    raise
                return data, catch["Next"]

    def _attempt(self, state: dict[str, Any], data: Any, given: Any) -> Any:
        """One run of the step's function; where it waits, until it is told. It may be run again though it succeeded."""
        seconds, parameters = state.get("TimeoutSeconds", FOREVER), state["Parameters"]
        until = self.world.schedule.now + seconds
        if state["Resource"] != WAIT:
            answer = self._invoke(function_of(state), _filled(parameters, data, given, ""))
            if self.world.schedule.now > until:
                raise Failed("States.Timeout")
            return answer
        self._tokens += 1
        token, signal = f"token-{self._tokens}", Signal()
        self._waiting[token] = signal
        try:
            self._invoke(function_of(state), _filled(parameters["Payload"], data, given, token))
            told = self.world.schedule.wait(signal, max(0.0, until - self.world.schedule.now))
        finally:
            self._waiting.pop(token, None)
        if told is None:
            raise Failed("States.Timeout")
        if isinstance(told, tuple):
            raise Failed(*told)
        return told

    def _invoke(self, function: str, event: Any) -> Any:
        try:
            answer = self.world.invoke(function, event)
        except TimedOut:
            raise Failed("Sandbox.Timedout") from None
        except Crash:
            raise Failed("Lambda.Unknown") from None
        except Refusal as refusal:
            raise Failed(type(refusal).__name__, refusal.detail) from refusal
        except Exception as error:
            raise Failed(type(error).__name__, str(error)) from error
        if self.world.wire.fault("rerun"):
            raise Failed("Lambda.ServiceException", "the answer was lost")
        return answer


@cache
def definition(workflow: str) -> dict[str, Any]:
    resource = dict(template.resources("AWS::Serverless::StateMachine"))[workflow]
    return read(template.ROOT / resource["DefinitionUri"])


def _filled(parameters: dict[str, Any], data: Any, given: Any, token: str) -> dict[str, Any]:
    """The payload template: names that end in `.$` are paths into the state's data or the context object."""
    context = {"Execution": {"Input": given}, "Task": {"Token": token}}
    return {
        name.removesuffix(".$"): _path(value, data, context) if name.endswith(".$") else value
        for name, value in parameters.items()
    }


def _path(path: str, data: Any, context: Any) -> Any:
    root, rest = (context, path[2:]) if path.startswith("$$") else (data, path[1:])
    for step in filter(None, rest.split(".")):
        root = root[step]
    return root


def _matching(rules: list[dict[str, Any]], error: str) -> dict[str, Any] | None:
    return next((rule for rule in rules if {error, "States.ALL"} & {*rule["ErrorEquals"]}), None)


def _holds(choice: dict[str, Any], data: Any) -> bool:
    if "Or" in choice:
        return any(_holds(one, data) for one in choice["Or"])
    return bool(_path(choice["Variable"], data, None) == choice["StringEquals"])
