"""Goods on the way from one store to another."""

from datetime import datetime
from typing import Literal, Self

from pydantic import model_validator

from souk.domains.inventory.model.consignments import Arrival, Consignment, Lines
from souk.domains.inventory.model.documents import units_of
from souk.kernel.shapes import Date, Id, Input, Line, Prose

Direction = Literal["in", "out"]


class TransferDraft(Input):
    """Goods leave `from_store_id` now; `due` is the day on which they are to be at `store_id`."""

    from_store_id: Id
    store_id: Id
    reference: Id
    due: Date
    lines: Lines
    note: Prose = ""

    @model_validator(mode="after")
    def _elsewhere(self) -> Self:
        if self.from_store_id == self.store_id:
            raise ValueError("the goods are there already")
        return self

    def transfer(self, transfer_id: str, at: datetime, by: str) -> "Transfer":
        said = self.model_dump(exclude={"lines"})
        return Transfer(transfer_id=transfer_id, units=units_of(self.lines), at=at, by=by, **said)


class WriteOff(Arrival):
    """What will not be found any more, and why."""

    note: Line


class Transfer(Consignment):
    """Goods that have left one store and are in neither until the other has them.

    Received with less than was sent, it stays `partial` until the rest is found, written off or back where it came
    from. `posted` and `voided` are its ends.
    """

    transfer_id: str
    from_store_id: str
