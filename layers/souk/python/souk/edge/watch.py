"""What every door carries: structured logs, metrics and traces."""

import functools
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

Handler = Callable[[dict[str, Any], Any], Any]

logger = Logger()
metrics = Metrics()
# Patching every library costs a fifth of a cold start; only the calls to AWS are worth a segment.
tracer = Tracer(auto_patch=False, patch_modules=("botocore",))


def watched(handle: Handler) -> Handler:
    """Logs one line a call at least, flushes metrics, opens the trace and notes a cold start."""

    @functools.wraps(handle)
    def handler(event: dict[str, Any], context: Any) -> Any:
        logger.set_correlation_id(_correlation(event) or context.aws_request_id)
        return handle(event, context)

    return logger.inject_lambda_context(clear_state=True)(  # type: ignore[no-any-return]
        metrics.log_metrics(capture_cold_start_metric=True)(
            tracer.capture_lambda_handler(capture_response=False, capture_error=False)(handler)
        )
    )


def count(name: str, number: int = 1) -> None:
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)


def _correlation(event: Any) -> str | None:
    if not isinstance(event, dict):
        return None
    context = event.get("requestContext")
    return context.get("requestId") if isinstance(context, dict) else event.get("id")
