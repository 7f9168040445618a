"""The only source of the time."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as time_of_day


def _real() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _real
pause: Callable[[float], None] = time.sleep


def now() -> datetime:
    """The time in UTC, cut to the millisecond so that it reads back as it was written."""
    at = _source()
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def text(at: datetime) -> str:
    """`2026-11-21T09:30:00.000Z`: sorts as text in the order of time."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def midnight(day: date, zone: tzinfo = UTC) -> datetime:
    """When the day begins in that zone, in UTC."""
    return datetime.combine(day, time_of_day.min, zone).astimezone(UTC)


def whole_seconds(span: timedelta) -> int:
    """Rounded up: for who is told how long to wait."""
    return -(-span // timedelta(seconds=1))


def use(source: Callable[[], datetime] | None) -> None:
    """Puts another clock in place (tests, simulation); None puts the real one back."""
    global _source
    _source = source or _real
