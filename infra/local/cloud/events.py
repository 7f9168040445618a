"""EventBridge and its Scheduler: asynchronous invocations, and timers that fire in time."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge, lambda_svc, scheduler

from infra.local.cloud.correct import correct


@correct(eventbridge, "_dispatch_to_lambda")
def invoke_asynchronously(plain: Callable, arn: str, payload: str) -> None:
    """A rule invokes a function asynchronously: two more tries, then its on-failure queue, not only one."""
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if function:
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))


# A one-time schedule fires up to ten seconds late otherwise, longer than a test's whole payment deadline.
if not hasattr(scheduler, "_SCHEDULE_TICK_INTERVAL"):
    raise RuntimeError("ministack's scheduler no longer sweeps by _SCHEDULE_TICK_INTERVAL")
scheduler._SCHEDULE_TICK_INTERVAL = 1


@correct(eventbridge, "_invoke_target")
def tell_when_it_was_due(plain: Callable, target: dict, event: dict, *rule: Any) -> None:
    """Plain ministack hands on a schedule's `<aws.scheduler.scheduled-time>` as it stands."""
    if event["Source"] == "aws.scheduler" and "Input" in target:
        due = datetime.fromtimestamp(event["Time"], UTC)
        target = target | {
            "Input": target["Input"].replace("<aws.scheduler.scheduled-time>", f"{due:%Y-%m-%dT%H:%M:%SZ}")
        }
    plain(target, event, *rule)
