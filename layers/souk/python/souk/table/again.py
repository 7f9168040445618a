"""Commands that read, decide and write: done anew where what they had read was changed before they wrote."""

from collections.abc import Callable
from typing import TypeVar

from souk.kernel import clock, ids
from souk.table.unit import ChangedMeanwhile

T = TypeVar("T")
_RETRIES = 9


def again(command: Callable[[], T]) -> T:
    """What the command answers. It opens its own Unit and must read everything it decides upon itself."""
    for attempt in range(_RETRIES):
        try:
            return command()
        except ChangedMeanwhile:
            clock.pause(ids.jitter(0.01 * 2 ** min(attempt, 5)))
    return command()
