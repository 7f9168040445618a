"""A file of products has been sent up: its rows are read and handed on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from souk.domains.catalog.actions.imports import read_import
from souk.edge.task import queue


def read(told: dict[str, Any], has_time: Callable[[], bool]) -> bool:
    """What the bucket tells of its files; a trial, when it is first told whom to tell, has no records."""
    found = [record["s3"]["object"] for record in told.get("Records", [])]
    return all(read_import(unquote_plus(one["key"]), one["eTag"], one["size"], has_time) for one in found)


handler = queue(read)
