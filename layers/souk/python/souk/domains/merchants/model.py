"""The merchant: who applies to sell here, what head office says to it, and what holds afterwards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from souk.kernel import pictures, states
from souk.kernel.caller import Caller
from souk.kernel.errors import Conflict, Missing, WrongMedia
from souk.kernel.shapes import Address, Contact, Id, Input, Line, Mark, Noun, Prose, Version, Versioned
from souk.kernel.states import States
from souk.kernel.uploads import MEGABYTE, FileDraft, need_size

STATES: States = {
    "applied": {"asked", "active", "rejected"},
    "asked": {"applied", "rejected"},
    # Who was rejected may apply again.
    "rejected": {"applied"},
    "active": {"suspended"},
    "suspended": {"active"},
}
Status = Literal["applied", "asked", "rejected", "active", "suspended"]
MOST_DOCUMENTS, LARGEST_DOCUMENT = 10, 10 * MEGABYTE
MOST_STEPS = 100
PDF = "application/pdf"
_PDF_BEGINS = b"%PDF-"  # ISO 32000-2, 7.5.2


class NoSuchMerchant(Missing):
    title = "No such merchant"


class NoDocumentSent(Missing):
    title = "No document was sent up under that id"


class NoSuchDocument(Missing):
    title = "The merchant has no such document"


class NotADocument(WrongMedia):
    title = f"A document is {PDF}, {', '.join(pictures.KINDS)}"


class MayNotSell(Conflict):
    title = "Only a merchant who is active sells"


class MovedTooOften(Conflict):
    title = "Too much has been said to and fro about this merchant"


class DocumentDraft(FileDraft):
    """What will be sent up: a licence, a certificate."""

    def need_acceptable(self) -> None:
        if self.content_type != PDF and self.content_type not in pictures.KINDS:
            raise NotADocument()
        need_size(self.content_type, self.bytes, LARGEST_DOCUMENT)


class Document(Noun):
    document_id: str
    content_type: str
    bytes: int


class Application(Input):
    """What a member says of the business, with the documents that were sent up: `name` is what buyers will read.

    The same way they answer what they are asked, and apply again after a rejection.
    """

    name: Line
    legal_name: Line
    registration_number: Annotated[Line, Field(max_length=64)]
    tax_number: Annotated[Line, Field(max_length=64)] | None = None
    address: Address
    contact: Contact
    documents: Annotated[list[Id], Field(min_length=1, max_length=MOST_DOCUMENTS)]


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
        return self.status == "active"

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


class ApplicationStep(Noun):
    status: Status
    at: datetime
    reason: str | None = None


class ApplicationView(Noun):
    """What the applicant sees of it: who decided is the shop's own business."""

    merchant_id: str
    status: Status
    name: str
    legal_name: str
    registration_number: str
    tax_number: str | None = None
    address: Address
    contact: Contact
    documents: tuple[Document, ...]
    steps: tuple[ApplicationStep, ...]

    @classmethod
    def of(cls, merchant: Merchant) -> "ApplicationView":
        steps = tuple(ApplicationStep(**dict(step)) for step in merchant.history)
        return cls(**dict(merchant), steps=steps)


def document_key(merchant_id: str, document_id: str) -> str:
    return f"merchants/{merchant_id}/{document_id}"


def is_pdf(start: bytes) -> bool:
    return start.startswith(_PDF_BEGINS)
