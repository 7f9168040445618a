"""A provider's webhook: 2xx only once what it says is durable; a bad signature is 400 and leaves nothing behind."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from souk.edge.caller import headers
from souk.edge.http import Api, raw_body
from souk.edge.watch import count, logger

Told = TypeVar("Told", bound=StrEnum)


def heard(app: Api, hear: Callable[[bytes, Mapping[str, str]], Told]) -> Told:
    """What became of what is told; a signature is of the raw bytes, so they are read by nobody before."""
    event = app.current_event.raw_event
    outcome = hear(raw_body(event), headers(event))
    count(outcome)
    logger.append_keys(outcome=outcome)
    return outcome
