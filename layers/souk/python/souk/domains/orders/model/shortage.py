"""Units of a paid order that its store turns out to lack, and what their buyer chooses in their place."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from souk.kernel import states
from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.shapes import Noun, Texts
from souk.kernel.states import States

if TYPE_CHECKING:
    from souk.domains.orders.model.shortage_requests import ShortageAnswer, ShortageReport

# `closed`: the units were found and sent, another store has the order, or the order is over.
STATES: States = {
    "open": {"waiting", "substituted", "refunded", "closed"},
    "waiting": {"open", "waiting", "substituted", "refunded", "closed"},
    "substituted": set(),
    "refunded": set(),
    "closed": set(),
}
UNSETTLED = ("open", "waiting")
LONGEST_WAIT = timedelta(days=180)  # since the shortage was found
MOST_SHORTAGES = 40  # of one order


class NoSuchShortage(Missing):
    title = "No such shortage"


class ShortageOpen(Conflict):
    title = "A shortage of these goods waits for its answer"


class TooManyShortages(Conflict):
    title = "The order has too many shortages"


class ShortageReported(Conflict):
    title = "The order has another shortage with this reference"


class WrongWait(Refused):
    title = "One waits until a day that is to come, and not for ever"


class NotOffered(Refused):
    title = "These goods are not offered in place of what is missing"


class AllShort(Conflict):
    title = "What is left of the order is short: name the units that were found"


class Substitute(Noun):
    """Goods in the place of others."""

    sku: str
    product_id: str
    name: Texts
    options: dict[str, str] = {}


class Shortage(Noun):
    """`moves` counts what has happened to it: the same number is the same cause, however often it is told."""

    shortage_id: str
    sku: str
    units: int
    reason: str
    substitutes: tuple[Substitute, ...] = ()
    status: str = "open"
    found_at: datetime
    found_by: str
    answer_by: datetime
    wait_until: datetime | None = None
    taken: str | None = None
    moves: int = 0

    @property
    def unsettled(self) -> bool:
        return self.status in UNSETTLED

    @property
    def due(self) -> datetime:
        """When it is looked at again: without an answer the money goes back, after a wait the buyer is asked again."""
        return self.wait_until if self.status == "waiting" and self.wait_until else self.answer_by

    def moved(self, to: str, **more: object) -> "Shortage":
        states.move(STATES, self.status, to, f"The shortage of {self.sku}")
        return self.but(status=to, moves=self.moves + 1, **more)

    def waiting(self, until: date, now: datetime) -> "Shortage":
        at = datetime.combine(until, time(), UTC)
        if not now < at <= self.found_at + LONGEST_WAIT:
            raise WrongWait(until=until.isoformat())
        return self.moved("waiting", wait_until=at)

    def asked_again(self, answer_by: datetime) -> "Shortage":
        return self.moved("open", answer_by=answer_by, wait_until=None)

    def has(self, answer: "ShortageAnswer") -> bool:
        """Whether that is what was chosen already."""
        match answer.choice:
            case "wait":
                return self.wait_until is not None and self.wait_until.date() == answer.until
            case "substitute":
                return self.taken == answer.sku
            case _:
                return self.status == "refunded"

    def offered(self, sku: str) -> Substitute | None:
        return next((one for one in self.substitutes if one.sku == sku), None)

    def need_same(self, report: "ShortageReport") -> None:
        """A repeated command meets its own first run."""
        if (self.sku, self.units) != (report.sku, report.units):
            raise ShortageReported(shortage_id=self.shortage_id)
