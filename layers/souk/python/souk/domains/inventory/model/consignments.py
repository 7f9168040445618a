"""Goods that are to come to a store, by purchase or by transfer: what was sent, and what has become of it so far."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, computed_field

from souk.domains.inventory.model.documents import DocumentLine, ReferenceUsed, units_of
from souk.kernel import states
from souk.kernel.errors import Conflict
from souk.kernel.shapes import Date, Id, Input, Noun, Prose, Versioned
from souk.kernel.states import States

# `partial`: some of it is settled, and the rest has yet to come, to be found or to be given up. `posted`: all of it is
# settled and something has arrived or was lost. `voided`: nothing came of it.
STATES: States = {
    "pending": {"partial", "posted", "voided"},
    "partial": {"posted", "voided"},
    "posted": set(),
    "voided": set(),
}
Status = Literal["pending", "partial", "posted", "voided"]
Settled = Literal["received", "lost", "returned", "cancelled"]
MOST_LINES = 30  # a line writes up to three items, and one transaction holds 100 writes
MOST_SETTLEMENTS = 50


class MoreThanExpected(Conflict):
    title = "That is more than is still to come"


class TooManySettlements(Conflict):
    title = "It came in too many parts; settle the rest at once"


Lines = Annotated[list[DocumentLine], Field(min_length=1, max_length=MOST_LINES)]


class ConsignmentDraft(Input):
    """Goods that are to be at `store_id` by `due`. The reference is the client's: sent twice, they are sent once."""

    store_id: Id
    reference: Id
    due: Date
    lines: Lines
    note: Prose = ""

    def said(self) -> dict[str, Any]:
        return self.model_dump(exclude={"lines"}) | {"units": units_of(self.lines)}


class Arrival(Input):
    """What has come in one go, by the client's reference: sent twice, it came once."""

    reference: Id
    lines: Lines
    note: Prose = ""


class Settlement(Noun):
    """What has become of so many units: they arrived, were lost on the way, came back, or are not waited for."""

    kind: Settled
    reference: str
    units: dict[str, int]
    note: str = ""
    at: datetime
    by: str

    def is_same(self, other: "Settlement") -> bool:
        return (self.kind, self.units, self.note) == (other.kind, other.units, other.note)


class Consignment(Versioned):
    """`units` are what was sent; `settlements` say what became of them, `outstanding` what is still to come."""

    store_id: str
    reference: str
    due: date
    status: Status = "pending"
    units: dict[str, int]
    settlements: tuple[Settlement, ...] = ()
    note: str = ""
    at: datetime
    by: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def outstanding(self) -> dict[str, int]:
        left = dict(self.units)
        for settlement in self.settlements:
            for sku, units in settlement.units.items():
                left[sku] -= units
        return {sku: units for sku, units in left.items() if units}

    def has(self, settlement: Settlement) -> bool:
        """Whether just that has happened already; ReferenceUsed where something else has under its reference."""
        known = next((one for one in self.settlements if one.reference == settlement.reference), None)
        if known and not known.is_same(settlement):
            raise ReferenceUsed(reference=known.reference)
        return known is not None

    def settled(self, settlement: Settlement) -> Self:
        left = self.outstanding
        if not left:
            states.move(STATES, self.status, "posted", f"What {self.reference} was to bring")
        for sku, units in settlement.units.items():
            if units > left.get(sku, 0):
                raise MoreThanExpected(sku=sku, units=units, outstanding=left.get(sku, 0))
        # The last one may always settle all the rest, so that nothing is outstanding for ever.
        if len(self.settlements) >= MOST_SETTLEMENTS and settlement.units != left:
            raise TooManySettlements(outstanding=left)
        after = self.but(settlements=(*self.settlements, settlement))
        status = after._status()
        return after if status == self.status else after.but(status=states.move(STATES, self.status, status, "It"))

    def _status(self) -> str:
        if self.outstanding:
            return "partial"
        kinds = {one.kind for one in self.settlements}
        return "posted" if kinds & {"received", "lost"} else "voided"

    def need_same(self, other: "Consignment") -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        if self._said() != other._said():
            raise ReferenceUsed(reference=self.reference)

    def _said(self) -> Mapping[str, object]:
        return self.model_dump(exclude={"status", "settlements", "outstanding", "at", "by", "version"})


def arrived(arrival: Arrival, kind: Settled, at: datetime, by: str) -> Settlement:
    return Settlement(
        kind=kind, reference=arrival.reference, units=units_of(arrival.lines), note=arrival.note, at=at, by=by
    )
