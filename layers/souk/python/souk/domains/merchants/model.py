"""The merchant: who applies to sell here, what head office says to it, and what holds afterwards."""

from datetime import datetime
from typing import Annotated, Literal

from souk.kernel.errors import Missing
from souk.kernel.shapes import Address, Contact, Id, Line, Mark, Noun, Prose, Versioned
from souk.kernel.states import States

STATES: States = {
    "applied": {"asked", "active", "rejected"},
    "asked": {"applied", "rejected"},
    "rejected": set(),
    "active": {"suspended"},
    "suspended": {"active"},
}
Status = Literal["applied", "asked", "rejected", "active", "suspended"]


class NoSuchMerchant(Missing):
    title = "No such merchant"


class MerchantStep(Noun):
    """One move of a merchant's life, and what was said with it."""

    status: Status
    at: datetime
    by: str
    reason: Annotated[Prose | None, Mark.WITHHELD] = None


class Merchant(Versioned):
    """Only an active one sells. `name` is what buyers read, `member_id` who applied."""

    merchant_id: Id
    member_id: str
    name: Line
    legal_name: Line
    registration_number: Line
    tax_number: Line | None = None
    address: Address
    contact: Contact
    status: Status = "applied"
    changed_at: datetime
    history: tuple[MerchantStep, ...] = ()

    @property
    def sells(self) -> bool:
        return self.status == "active"
