"""The merchant: who applies to sell here, what head office says to it, and what holds afterwards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from souk.domains.merchants.model.seller import sells
from souk.kernel import states
from souk.kernel.address import Address, Contact
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing
from souk.kernel.shapes import Id, Input, Line, Mark, Noun, Prose, Version, Versioned
from souk.kernel.states import States

STATES: States = {
    "applied": {"asked", "active", "rejected"},
    "asked": {"applied", "rejected"},
    # Who was rejected may apply again.
    "rejected": {"applied"},
    "active": {"suspended"},
    "suspended": {"active"},
}
Status = Literal["applied", "asked", "rejected", "active", "suspended"]
MOST_STEPS = 100


class NoSuchMerchant(Missing):
    title = "No such merchant"


class NoSuchDocument(Missing):
    title = "The merchant has no such document"


class MayNotSell(Conflict):
    title = "Only a merchant who is active sells"


class MovedTooOften(Conflict):
    title = "Too much has been said to and fro about this merchant"


class Document(Noun):
    document_id: str
    content_type: str
    bytes: int


class Decision(Input):
    """What head office decides and why, of the merchant as it was read at `version`: the merchant reads the reason."""

    status: Literal["asked", "rejected", "active", "suspended"]
    reason: Annotated[Prose, Field(min_length=1, max_length=1000)]
    version: Version


class Step(Noun):
    """One move of a merchant's life, and what was said with it."""

    status: Status
    at: datetime
    by: str
    reason: Annotated[str | None, Mark.WITHHELD] = None


class Merchant(Versioned):
    """Only an active one sells. `name` is what buyers read, `member_id` who applied."""

    merchant_id: Id
    member_id: str
    name: Line
    legal_name: Line
    registration_number: Annotated[str, Mark.WITHHELD]
    tax_number: Annotated[str | None, Mark.WITHHELD] = None
    address: Address
    contact: Contact
    documents: tuple[Document, ...] = ()
    status: Status = "applied"
    changed_at: datetime
    history: tuple[Step, ...] = ()

    @classmethod
    def applying(cls, merchant_id: str, member_id: str, said: Mapping[str, Any], at: datetime) -> "Merchant":
        begins = Step(status="applied", at=at, by=member_id)
        return cls(merchant_id=merchant_id, member_id=member_id, changed_at=at, history=(begins,), **said)

    def says(self, said: Mapping[str, Any]) -> bool:
        return all(getattr(self, name) == value for name, value in said.items())

    def decided_before(self, said: Decision, by: Caller) -> bool:
        """Whether these very words have brought it where it is."""
        last = self.history[-1]
        return (last.status, last.reason, last.by) == (said.status, said.reason, by.id)

    @property
    def sells(self) -> bool:
        return sells(self.status)

    @property
    def step(self) -> int:
        """How many moves it has made."""
        return len(self.history)

    def need_sells(self) -> None:
        if not self.sells:
            raise MayNotSell(status=self.status)

    def need_scope(self, by: Caller) -> None:
        """Head office sees them all, and a merchant's people their own."""
        if by.stores or not by.sees_goods_of(self.merchant_id):
            raise NoSuchMerchant()

    def shown_to(self, by: Caller) -> Self:
        """Its own people are not told who at head office decided."""
        if not by.is_bound:
            return self
        steps = tuple(step if step.by == self.member_id else step.but(by="shop") for step in self.history)
        return self.but(history=steps)

    def moved(self, to: Status, at: datetime, by: str, reason: str | None = None) -> "Merchant":
        states.move(STATES, self.status, to, f"Merchant {self.name}")
        if self.step >= MOST_STEPS and to in ("applied", "asked"):
            raise MovedTooOften(most=MOST_STEPS)
        said = Step(status=to, at=at, by=by, reason=reason)
        return self.but(status=to, changed_at=at, history=(*self.history, said))

    def document(self, document_id: str) -> Document:
        for one in self.documents:
            if one.document_id == document_id:
                return one
        raise NoSuchDocument()


class MerchantCard(Noun):
    """A merchant in a list of head office."""

    merchant_id: str
    name: str
    legal_name: str
    status: str
    changed_at: datetime


def document_key(merchant_id: str, document_id: str) -> str:
    return f"merchants/{merchant_id}/{document_id}"
