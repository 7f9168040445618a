"""A table that is taken away as a file."""

from datetime import UTC, datetime

from souk.kernel.shapes import Noun


class Sheet(Noun):
    """A file: `content` is CSV (RFC 4180), with the mark by which Excel knows UTF-8."""

    name: str
    content_type: str = "text/csv"
    content: str


def utc(at: datetime) -> str:
    """`2026-11-21 09:30:00`: spreadsheets read it as a time. What zone it is of the name of its column says."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
