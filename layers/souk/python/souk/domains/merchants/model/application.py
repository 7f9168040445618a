"""What a member sends to sell here, and sees of it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from souk.domains.merchants.model.merchant import Document, Merchant, Status
from souk.kernel import pictures
from souk.kernel.address import Address, Contact
from souk.kernel.errors import Missing, WrongMedia
from souk.kernel.shapes import Id, Input, Line, Noun
from souk.kernel.uploads import MEGABYTE, FileDraft, need_size

MOST_DOCUMENTS, LARGEST_DOCUMENT = 10, 10 * MEGABYTE
PDF = "application/pdf"
_PDF_BEGINS = b"%PDF-"  # ISO 32000-2, 7.5.2


class NoDocumentSent(Missing):
    title = "No document was sent up under that id"


class NotADocument(WrongMedia):
    title = f"A document is {PDF}, {', '.join(pictures.KINDS)}"


class DocumentDraft(FileDraft):
    """What will be sent up: a licence, a certificate."""

    def need_acceptable(self) -> None:
        if self.content_type != PDF and self.content_type not in pictures.KINDS:
            raise NotADocument()
        need_size(self.content_type, self.bytes, LARGEST_DOCUMENT)


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


def is_pdf(start: bytes) -> bool:
    return start.startswith(_PDF_BEGINS)
