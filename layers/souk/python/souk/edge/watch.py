"""What every door carries: structured logs, metrics and traces."""

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Tracer

from souk.gateways.metrics import count as count
from souk.gateways.metrics import flush as flush_metrics
from souk.kernel import correlation, settings
from souk.kernel.errors import Refusal

Handler = Callable[[dict[str, Any], Any], Any]

# Lambda reads the level of a line only where the line's time is spelled as in RFC 3339.
logger = Logger(location=None, use_rfc3339=True, utc=True)
# Lambda gives its own level to all loggers, and libraries would tell of each request that they make.
logging.getLogger().setLevel(logging.WARNING)
_cold_start = iter([True])


@functools.cache
def tracer() -> Tracer:
    """Made for the first call that is recorded: X-Ray's SDK is a fiftieth of a start, and few calls have a use for it.

    Of all libraries it listens to AWS's alone: only those calls are worth a segment, and each more costs the start.
    """
    return Tracer(patch_modules=("botocore",))


def watched(handle: Handler) -> Handler:
    """Names the call in all lines of its log, opens the trace, writes what was counted; what nobody foresaw is a fault.

    A cold start is told by the line, not by a metric: that would be one more to pay for with every function. Of the
    nineteen in twenty calls that X-Ray does not record no trace is made up either.
    """

    @functools.wraps(handle)
    def handler(event: dict[str, Any], context: Any) -> Any:
        given = event if isinstance(event, dict) else {}
        correlation.follow(_correlation(given) or context.aws_request_id)
        logger.structure_logs(**_story(given, context.aws_request_id))
        try:
            return handle(event, context)
        except Refusal:
            raise
        except Exception:
            count("Faults")
            raise
        finally:
            flush_metrics()

    @functools.cache
    def traced() -> Handler:
        made: Handler = tracer().capture_lambda_handler(capture_response=False, capture_error=False)(handler)
        return made

    @functools.wraps(handle)
    def watched_handler(event: dict[str, Any], context: Any) -> Any:
        return (traced() if settings.trace_is_recorded() else handler)(event, context)

    return watched_handler


def _story(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """What all lines of a call say: by what to follow it. Not what its log group tells: which function this is.

    Lambda names the call by `request_id` where it ran out of time or memory. The id of a trace that X-Ray does not
    record, as nineteen of twenty are, leads nowhere.
    """
    follows = correlation.current()
    said: dict[str, Any] = {
        "service": None,
        "correlation_id": follows,
        "function_request_id": request_id if request_id != follows else None,
        "order_id": _order(event),
        "cold_start": next(_cold_start, None),
    }
    return said if settings.trace_is_recorded() else {**said, "xray_trace_id": None}


def _correlation(event: Mapping[str, Any]) -> str | None:
    """Of the request itself, or of the one that a fact, a timer or a workflow follows from."""
    return (
        _part(event, "requestContext").get("requestId")
        or _part(event, "detail").get("correlation_id")
        or event.get("correlation_id")
    )


def _order(event: Mapping[str, Any]) -> str | None:
    """By its id all that befell an order is found in the logs."""
    return event.get("order_id") or _part(_part(event, "detail"), "data").get("order_id")


def _part(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = event.get(name)
    return part if isinstance(part, Mapping) else {}
