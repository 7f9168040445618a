"""The return window: until when goods may be given back, by the calendar of the shop."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from souk.kernel import clock
from souk.kernel.errors import Conflict


class ReturnWindowOver(Conflict):
    title = "The time to give these goods back is over"


def closes(arrived_at: datetime, days: int, time_zone: str) -> datetime:
    """The end of the day that comes so many days after that of the arrival."""
    zone = ZoneInfo(time_zone)
    after_last = arrived_at.astimezone(zone).date() + timedelta(days=days + 1)
    return clock.midnight(after_last, zone)


def need_open(sku: str, arrived_at: datetime | None, days: int | None, time_zone: str, now: datetime) -> None:
    """What has not arrived has all of its time; what has no days is taken back for ever."""
    if arrived_at and days is not None and now >= (until := closes(arrived_at, days, time_zone)):
        raise ReturnWindowOver(sku=sku, until=until.isoformat())
