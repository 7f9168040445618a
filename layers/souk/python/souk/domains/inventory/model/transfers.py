"""Goods on the way from one store to another."""

from typing import Literal, Self

from pydantic import model_validator

from souk.domains.inventory.model.consignments import Arrival, Consignment, ConsignmentDraft
from souk.kernel.shapes import Id, Line

Direction = Literal["in", "out"]


class TransferDraft(ConsignmentDraft):
    """The goods leave `from_store_id` now."""

    from_store_id: Id

    @model_validator(mode="after")
    def _elsewhere(self) -> Self:
        if self.from_store_id == self.store_id:
            raise ValueError("the goods are there already")
        return self


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
