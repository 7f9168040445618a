"""Step Functions: a task token whose hand-over failed."""

import threading
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from infra.local.cloud.correct import correct

handing_over = threading.local()


@correct(stepfunctions, "_invoke_with_callback")
def mark_token(plain: Callable, resource: str, data: Any, token: str, state: dict) -> Any:
    handing_over.token = token
    try:
        return plain(resource, data, token, state)
    finally:
        handing_over.token = None


@correct(stepfunctions, "_call_lambda")
def fail_hand_over(plain: Callable, function: str, event: Any) -> Any:
    """A function that fails while it is handed a task token fails the task; plain ministack waits on."""
    token, handing_over.token = getattr(handing_over, "token", None), None
    try:
        return plain(function, event)
    except stepfunctions._ExecutionError as failure:
        if task := stepfunctions._task_tokens.get(token):
            task["error"] = {"Error": failure.error, "Cause": failure.cause}
            task["event"].set()
        raise
