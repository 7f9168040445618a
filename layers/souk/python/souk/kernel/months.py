"""Months of the calendar (UTC), as `2026-11`: so they sort as text in their order."""

from datetime import date, datetime, timedelta

from souk.kernel import clock


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def begin_of(month: str) -> datetime:
    return clock.midnight(date.fromisoformat(f"{month}-01"))


def next_month(month: str) -> str:
    return month_of((begin_of(month) + timedelta(days=31)).date())


def months(first: str, until: str) -> list[str]:
    """From the first to the one before `until`."""
    found = []
    while first < until:
        found.append(first)
        first = next_month(first)
    return found
