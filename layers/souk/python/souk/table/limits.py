"""How often something may be tried: counters in fixed windows of time, each an item that the table forgets again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from souk.kernel import clock, ids
from souk.kernel.errors import TooMany
from souk.kernel.shapes import Noun
from souk.table import keys
from souk.table.conditions import AtMost
from souk.table.unit import Unit


@dataclass(frozen=True)
class Limit:
    """At most so many tries of one subject within each window; `name` tells what is tried and by whom it is counted."""

    name: str
    most: int
    window: timedelta


class Tries(Noun):
    """Tries in one window: it is part of the key, so a window that is over counts for nothing, deleted or not."""

    limit: str
    subject: str
    window: int
    tries: int = 0
    expires_at: datetime | None = None


def count(*tries: tuple[Limit, str]) -> None:
    """One more try of each subject, whatever comes of it; TooMany, and none of them counted, where one had its share.

    Of a subject, which may be somebody's address, nothing is kept but a fingerprint.
    """
    now = clock.now()
    with Unit() as unit:
        for limit, subject in tries:
            window = int(now.timestamp() // limit.window.total_seconds())
            ends_at = datetime.fromtimestamp(0, UTC) + limit.window * (window + 1)
            unit.change(
                keys.TRIES,
                limit=limit.name,
                subject=ids.fingerprint(subject)[:32],
                window=window,
                add={"tries": 1},
                only_if=[AtMost("tries", limit.most - 1)],
                expires_at=ends_at,
                otherwise=TooMany(retry_after_seconds=clock.whole_seconds(ends_at - now)),
            )
