"""What staff send to correct an order, and ask of its buyer."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from souk.kernel.address import Address, Contact
from souk.kernel.shapes import Flag, Input, Line, Prose, Version


class AddressCorrection(Input):
    """Another address or contact, or both, with the version of the order that was seen.

    The freight is quoted again. What was paid stays: of a lower freight the difference is paid back if that is asked.
    """

    version: Version
    address: Address | None = None
    contact: Contact | None = None
    reason: Line
    refund_difference: Flag = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.address is None and self.contact is None:
            raise ValueError("needs an address or a contact")
        return self


class BuyerQuestion(Input):
    text: Annotated[Prose, Field(min_length=1, max_length=1000)]
