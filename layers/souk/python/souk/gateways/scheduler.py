"""Timers: one-time schedules named by what they time, so that a change replaces them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from souk.gateways.aws import client
from souk.kernel import clock, correlation, settings

SOON = timedelta(seconds=10)
ALMOST_A_SECOND = timedelta(seconds=1) - timedelta.resolution  # the schedule is cut to the second


def set_timer(name: str, at: datetime, target: str, payload: Mapping[str, Any]) -> None:
    """Calls the function `target` (as `settings.arn_of` names it) with the payload within a second after that time.

    Never before it: what fires looks whether its time has come, and does not come again.
    A time that is past or near becomes a few seconds from now: the service takes no past one.
    Whatever fires checks the state again: a timer may come twice, late, or after the fact.
    """
    scheduler = client("scheduler")
    second = (max(at, clock.now() + SOON) + ALMOST_A_SECOND).astimezone(UTC)
    timer = {
        "Name": name,
        "GroupName": settings.timer_group(),
        "ScheduleExpression": f"at({second:%Y-%m-%dT%H:%M:%S})",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": settings.arn_of(target),
            "RoleArn": settings.timer_role(),
            "Input": json.dumps({**payload, "correlation_id": correlation.current()}),
            "DeadLetterConfig": {"Arn": settings.timer_dead_letters()},
        },
    }
    try:
        scheduler.create_schedule(**timer)
    except scheduler.exceptions.ConflictException:
        scheduler.update_schedule(**timer)


def drop_timer(name: str) -> None:
    """No timer of that name afterwards, whether or not there was one."""
    scheduler = client("scheduler")
    try:
        scheduler.delete_schedule(Name=name, GroupName=settings.timer_group())
    except scheduler.exceptions.ResourceNotFoundException:
        return
