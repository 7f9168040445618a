"""What every door carries: structured logs, metrics and traces."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Tracer

from souk.gateways.metrics import count as count
from souk.gateways.metrics import metrics
from souk.kernel import correlation
from souk.kernel.errors import Refusal

Handler = Callable[[dict[str, Any], Any], Any]

logger = Logger()
# Patching every library costs a fifteenth of a cold start; only the calls to AWS are worth a segment.
tracer = Tracer(auto_patch=False, patch_modules=("botocore",))


def watched(handle: Handler) -> Handler:
    """Logs one line a call at least, flushes metrics, opens the trace; what nobody foresaw is counted as a fault.

    A cold start is told by the line, not by a metric: that would be one more to pay for with every function.
    """

    @functools.wraps(handle)
    def handler(event: dict[str, Any], context: Any) -> Any:
        given = event if isinstance(event, dict) else {}
        correlation.follow(_correlation(given) or context.aws_request_id)
        logger.set_correlation_id(correlation.current())
        if order_id := _order(given):
            logger.append_keys(order_id=order_id)
        try:
            return handle(event, context)
        except Refusal:
            raise
        except Exception:
            count("Faults")
            raise

    return logger.inject_lambda_context(clear_state=True)(
        metrics.log_metrics(tracer.capture_lambda_handler(capture_response=False, capture_error=False)(handler))
    )


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
