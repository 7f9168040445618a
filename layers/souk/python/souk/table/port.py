"""The small port behind which the table lies: DynamoDB in the cloud, another table in a simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from souk.table.actions import Action


Row = dict[str, str | int | bytes]


class At(NamedTuple):
    """Where an item lies."""

    pk: str
    sk: str


@dataclass(frozen=True)
class Range:
    """One partition of the table (`index` None) or of an index, between two sort keys, both included."""

    pk: str
    first: str
    last: str
    index: str | None = None
    backwards: bool = False


class TryAgain(Exception):
    """A conflict or a throttle: nothing was written and the same write may be sent again."""


class Table(Protocol):
    def read(self, at: At) -> Row | None:
        """Strongly consistent."""

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        """Strongly consistent each, not as one; at most 100; in no order; absent ones are left out."""

    def read_at_once(self, ats: Sequence[At]) -> list[Row]:
        """All as they are at one instant; at most 100; absent ones are left out. TryAgain while some are written."""

    def query(self, within: Range, limit: int) -> list[Row]:
        """Up to `limit` rows in the order of the sort key; strongly consistent on the table itself."""

    def write(self, actions: "Sequence[Action]", token: str) -> None:
        """All of it or nothing; the same token within ten minutes is the same write."""
