"""A provider's bill has been sent up: it is held against the shop's own movements of money."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

from souk.edge.task import queue
from souk.flows.reconcile import compare


def read(told: dict[str, Any], _: Callable[[], bool]) -> bool:
    """What the bucket tells of its files; a trial, when it is first told whom to tell, has no records."""
    for record in told.get("Records", []):
        one = record["s3"]["object"]
        compare(unquote_plus(one["key"]), one["eTag"], one["size"])
    return True


handler = queue(read)
