"""The units of a sale, kept in shards: one item takes 500 transactions a second, so many take so many times that."""

from collections.abc import Mapping
from zlib import crc32

from souk.kernel.shapes import Versioned

STOCK = "stock"  # the pool of the goods themselves; the others count what members may have of them beforehand
MOST_SHARDS = 90  # of all pools of a sale: one transaction writes them, one reads them, and either holds a hundred
Left = Mapping[int, int]  # units by the shard's number


class SaleShard(Versioned):
    """A part of what is left of a pool. Once it is gone it never comes back: the sale has closed."""

    sale_id: str
    pool: str
    number: int
    left: int = 0


def shares(units: int, shards: int) -> list[int]:
    """As equal as they can be, the first ones a unit larger."""
    return [units // shards + (number < units % shards) for number in range(shards)]


def home(order_id: str, shards: int) -> int:
    """The shard where an order looks first, and to which its units come back."""
    return crc32(order_id.encode()) % shards


def picked(left: Left, units: int, first: int) -> dict[int, int] | None:
    """How many of which shard: from one, looked for from `first` on; else from the fullest; None where it has less."""
    if sum(left.values()) < units:
        return None
    ring = sorted(left, key=lambda number: (number < first, number))
    enough = next((number for number in ring if left[number] >= units), None)
    if enough is not None:
        return {enough: units}
    taken: dict[int, int] = {}
    for number in sorted(ring, key=lambda number: -left[number]):
        taken[number] = min(left[number], units - sum(taken.values()))
        if sum(taken.values()) == units:
            break
    return taken
