"""The doors that no client sees: workflow tasks, timers, facts, queues and the table's stream."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel

from souk.edge.watch import Handler, count, logger, watched
from souk.gateways.aws import may_pass
from souk.kernel import clock
from souk.kernel.caller import system
from souk.kernel.errors import Conflict, Unavailable
from souk.kernel.fact import Fact
from souk.kernel.shapes import Noun
from souk.table import audit, keys, record
from souk.table.unit import Unit

I = TypeVar("I", bound=BaseModel)  # noqa: E741
N = TypeVar("N", bound=Noun)
SEEN_LIFE = timedelta(days=30)
MARGIN_MS = 5_000  # that a function keeps to end in good order


class Seen(Noun):
    """That a consumer has done what it does upon a fact."""

    consumer: str
    fact_id: str
    expires_at: datetime


class SeenBefore(Conflict):
    title = "This fact has been handled"


def task(action: Callable[..., Any]) -> Handler:
    """A workflow's step or a timer: the event's fields are the action's arguments, its answer is the output.

    An exception keeps its class name, which the workflow's Retry and Catch read; whatever passes by itself has one.
    """

    @watched
    def handler(event: dict[str, Any], context: Any) -> Any:
        given = {name: value for name, value in event.items() if name != "correlation_id"}
        _need_kinds(action, given)
        with audit.command(system(action.__name__), action.__name__), _one_name_for_what_passes():
            answer = action(**given)
        logger.info("done", extra={"task": action.__name__})
        return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer

    return handler


@contextmanager
def _one_name_for_what_passes() -> Iterator[None]:
    """`Unavailable`, whoever it was: Step Functions knows no families of errors, and each service of AWS has names."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Unavailable) or may_pass(error):
            raise Unavailable(f"{type(error).__name__}: {error}") from error
        raise


def _need_kinds(action: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """A list where a text belongs would be kept as it came, and break who reads it."""
    for name, value in given.items():
        kind = action.__annotations__.get(name)
        if isinstance(kind, type) and not isinstance(value, kind):
            raise TypeError(f"{action.__name__} takes {name} as {kind.__name__}")


def on(*actions: tuple[type[Fact], Callable[[Any, Unit], None] | Callable[[Any], None]]) -> Handler:
    """Facts from the bus: `on((OrderPaid, post_entries), ...)`.

    An action that takes a Unit adds its writes to it; the row that remembers the fact is committed with them, so that
    a fact delivered twice has one effect. One that takes the fact alone may run as often as it likes: it looks how
    things are and sees to it, under names derived from the fact, and nothing needs to be remembered.
    """
    known = {fact.name(): (fact, action) for fact, action in actions}

    @watched
    def handler(event: dict[str, Any], context: Any) -> None:
        fact, action = known[event["detail-type"]]
        told = event["detail"]
        try:
            with audit.command(system(action.__name__), action.__name__):
                _act(action, fact.model_validate(told["data"]), told["fact_id"])
        except SeenBefore:
            logger.info("seen before", extra={"fact": told["fact_id"]})
            return
        logger.info("handled", extra={"fact": told["fact_id"], "detail_type": event["detail-type"]})

    handler.facts = tuple(known)  # type: ignore[attr-defined]
    return handler


def _act(action: Callable[..., None], fact: Fact, fact_id: str) -> None:
    if "unit" not in action.__annotations__:
        action(fact)
        return
    seen = Seen(consumer=action.__name__, fact_id=fact_id, expires_at=clock.now() + SEEN_LIFE)
    with Unit() as unit:
        unit.add(keys.SEEN, seen, otherwise=SeenBefore())
        action(fact, unit)


def stream(action: Callable[[Mapping[str, Any]], None]) -> Handler:
    """Records of the table's stream, in order. The first that fails ends the batch: the rest is delivered again."""

    @watched
    def handler(event: dict[str, Any], context: Any) -> None:
        for one in event["Records"]:
            action(one["dynamodb"]["NewImage"])
        count("FactsTold", len(event["Records"]))

    return handler


def stream_of(model: type[N], action: Callable[[Sequence[N]], None]) -> Handler:
    """Nouns of one kind that are new in the table, some at a time; those of a batch that fails are delivered again."""

    @watched
    def handler(event: dict[str, Any], context: Any) -> None:
        images = [one["dynamodb"]["NewImage"] for one in event["Records"]]
        with audit.command(system(action.__name__), action.__name__):
            action([record.to(model, record.row_in(image)) for image in images])
        logger.info("handled", extra={"kind": model.__name__, "records": len(images)})

    return handler


def queue(action: Callable[[Any, Callable[[], bool]], bool]) -> Handler:
    """Messages of a queue, each by itself: `action(message, has_time)` answers whether it is done with it.

    A message that fails, or that is not done when the time runs out, stays in the queue and comes again.
    """

    @watched
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        def has_time() -> bool:
            return bool(context.get_remaining_time_in_millis() > MARGIN_MS)

        left = [one["messageId"] for one in event["Records"] if not _is_done(action, one["body"], has_time)]
        logger.info("worked off", extra={"messages": len(event["Records"]), "left": len(left)})
        return {"batchItemFailures": [{"itemIdentifier": one} for one in left]}

    return handler


def _is_done(action: Callable[[Any, Callable[[], bool]], bool], body: str, has_time: Callable[[], bool]) -> bool:
    try:
        with audit.command(system(action.__name__), action.__name__):
            return has_time() and action(json.loads(body), has_time)
    except Exception:
        logger.exception("failed")
        count("Faults")
        return False
