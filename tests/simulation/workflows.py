"""Step Functions: the shop's own ASL files, run on virtual time."""

from functools import cache, partial
from itertools import count
from typing import TYPE_CHECKING, Any

from souk.kernel.errors import Refusal
from tests.simulation.faults import Crash
from tests.simulation.schedule import Signal
from tests.simulation.wire import TimedOut
from tests.support import states_language, template
from tests.support.states_language import Failed, Step
from tests.support.workflows import read

if TYPE_CHECKING:
    from tests.simulation.world import World


class Aborted(Exception):
    """Of the whole execution: nothing of it is tried again or caught."""


class Workflows:
    """Executions by workflow and name; a name is used once."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.executions: dict[tuple[str, str], str] = {}
        self._waiting: dict[str, Signal] = {}
        self._tokens = map("token-{}".format, count(1))

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
        life = states_language.execution(definition(workflow), given, lambda: next(self._tokens))
        try:
            move = partial(next, life)
            while step := move():
                try:
                    move = partial(life.send, self._try(step))
                except Failed as failed:
                    move = partial(life.throw, failed)
        except StopIteration:
            self.executions[workflow, name] = "SUCCEEDED"
        except (Failed, Aborted) as failed:
            self.world.wire.note(f"FAILED {failed}")
            self.executions[workflow, name] = "FAILED"

    def _try(self, step: Step) -> Any:
        if step.tried:
            self.world.schedule.pause(self.world.schedule.chance.uniform(0.0, step.pause))
        else:
            self.world.wire.note(f"enters {step.state}")
            if self.world.wire.fault("abort"):
                raise Aborted("by an operator")
        until = self.world.schedule.now + step.seconds
        answer = self._hear(step, step.token, until) if step.token else self._invoke(step)
        if self.world.schedule.now > until:
            raise Failed("States.Timeout")
        return answer

    def _hear(self, step: Step, token: str, until: float) -> Any:
        """What the step is told, be it before its function breaks off."""
        signal = self._waiting[token] = Signal()
        try:
            self._invoke(step)
        except Failed:
            if signal.given is None:
                raise
        else:
            self.world.schedule.wait(signal, max(0.0, until - self.world.schedule.now))
        finally:
            self._waiting.pop(token, None)
        if signal.given is None:
            raise Failed("States.Timeout")
        if isinstance(signal.given, tuple):
            raise Failed(*signal.given)
        return signal.given

    def _invoke(self, step: Step) -> Any:
        """One run of the step's function; it may be run again though it succeeded."""
        try:
            answer = self.world.invoke(step.function, step.payload)
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
