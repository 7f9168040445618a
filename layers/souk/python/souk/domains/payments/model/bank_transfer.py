"""What came to the shop's bank account, and what became of it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from souk.domains.payments.model.attempt import Attempt
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.references import BankReference, one_spelling
from souk.kernel import ids, states
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.journal import JournalEntry
from souk.kernel.paying import BANK
from souk.kernel.shapes import MAX_MINOR, Currency, Date, Input, Line, Mark, Noun, Sheet, Versioned, XmlText
from souk.kernel.states import States

# Sent back: to whoever it came from, for it is for no order.
TRANSFER_STATES: States = {"unmatched": {"matched", "sent_back"}, "matched": set(), "sent_back": set()}
TransferStatus = Literal["unmatched", "matched", "sent_back"]
OLDEST = timedelta(days=400)
MOST_LINES = 200  # so many are entered within the time of a request


class NoSuchTransfer(Missing):
    title = "No such bank transfer"


class TransferReferenceUsed(Conflict):
    title = "There is another transfer with this reference of the bank"


class TransferDate(Refused):
    title = "A transfer came today or before, and not years ago"


class WrongLine(Refused):
    title = "The statement has a line that is no transfer"


class StatementTooLong(Refused):
    title = "The statement has too many lines"


class TransferTakenBack(Refused):
    title = "The bank takes back a transfer that came before: see which order it has paid"


class OtherCurrency(Refused):
    title = "The order is in another currency"


class TransferDraft(Input):
    """As the bank's statement has it; `bank_reference` is the bank's own: sent twice, it is one transfer.

    `text` is what the payer wrote, `payer_account` where money would be sent back to.
    """

    bank_reference: BankReference
    received_on: Date
    amount_minor: Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
    currency: Currency
    text: Line | None = None
    payer: Line | None = None
    payer_account: Line | None = None

    @property
    def transfer_id(self) -> str:
        return ids.derived("btr", one_spelling(self.bank_reference))

    def transfer(self, at: datetime, by: str) -> "BankTransfer":
        # A day more, for the bank may be in a time zone ahead of UTC.
        if not at.date() - OLDEST <= self.received_on <= at.date() + timedelta(days=1):
            raise TransferDate(received_on=self.received_on.isoformat())
        return BankTransfer(transfer_id=self.transfer_id, entered_at=at, entered_by=by, **dict(self))


class StatementOfEither(Refused):
    title = "A statement is either CSV or camt.053"


class Statement(Input):
    """A statement of the bank, as CSV or as ISO 20022's camt.053.

    The columns of CSV are named as the fields of a transfer, but for the `amount`, which is as people write it
    (1250.00).
    """

    csv: Sheet | None = None
    camt053: XmlText | None = None

    def need_one(self) -> None:
        if (self.csv is None) == (self.camt053 is None):
            raise StatementOfEither()


class Match(Input):
    number: Annotated[str, Field(strict=True, pattern=ids.ORDER_NUMBER, max_length=20)]


class SentBack(Input):
    """`bank_reference` is that of the transfer that staff have sent."""

    bank_reference: BankReference


class BankTransfer(Versioned):
    """One that came in. It is unmatched, and its money nobody's yet, until it is an order's or is sent back."""

    transfer_id: str
    bank_reference: str
    received_on: date
    amount_minor: int
    currency: str
    text: Annotated[str | None, Mark.WITHHELD] = None
    payer: Annotated[str | None, Mark.WITHHELD] = None
    payer_account: Annotated[str | None, Mark.WITHHELD] = None
    status: TransferStatus = "unmatched"
    order_id: str | None = None
    outcome: Outcome | None = None
    sent_back_as: str | None = None
    entered_at: datetime
    entered_by: str
    settled_at: datetime | None = None
    settled_by: str | None = None

    def need_same(self, draft: TransferDraft) -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        said = (draft.received_on, draft.amount_minor, draft.currency)
        if (self.received_on, self.amount_minor, self.currency) != said:
            raise TransferReferenceUsed(transfer_id=self.transfer_id)

    def moved(self, to: TransferStatus, at: datetime, by: str) -> "BankTransfer":
        states.move(TRANSFER_STATES, self.status, to, f"Transfer {self.bank_reference}")
        return self.but(status=to, settled_at=at, settled_by=by)

    def entry(self, cause: str, debit: str, credit: str, at: datetime) -> JournalEntry:
        return JournalEntry.of(
            self.transfer_id,
            cause,
            at=at,
            store_id=HEAD_OFFICE,
            currency=self.currency,
            moves={debit: self.amount_minor, credit: -self.amount_minor},
            reference=self.sent_back_as or self.bank_reference,
        )


class EnteredLine(Noun):
    """What became of a line of a statement; `refused` is the code of the refusal."""

    line: int
    transfer: BankTransfer | None = None
    refused: str | None = None


def draft_of(line: int, said: Mapping[str, object]) -> TransferDraft:
    try:
        return TransferDraft.model_validate(said)
    except ValidationError as error:
        (first, *_) = error.errors()
        raise WrongLine(f"Line {line}: {first['loc'][0]} {first['msg']}", line=line) from None


class Credited(Noun):
    """What a transfer is to its order: `kept` waits for more, `paid` is all that was due, `over` goes back."""

    kept_minor: int = 0
    paid_minor: int = 0
    over_minor: int = 0

    @classmethod
    def of(cls, amount_minor: int, payment: Payment, *, order_awaits: bool, may_revive: bool) -> "Credited":
        due, came = payment.due_minor, payment.received_minor + amount_minor
        if payment.status == "awaiting" and order_awaits:
            return cls(paid_minor=due, over_minor=came - due) if came >= due else cls(kept_minor=amount_minor)
        if may_revive and not payment.late_intents and amount_minor >= due:
            return cls(paid_minor=due, over_minor=amount_minor - due)
        return cls(over_minor=amount_minor)


def by_transfer(payment: Payment, intent_id: str) -> Payment:
    """With an attempt that transfers can pay, if there is none yet: whoever knows the account may pay by it."""
    if any(attempt.intent_id == intent_id for attempt in payment.attempts):
        return payment
    number = transfer_number(payment)
    return payment.started(Attempt(number=number, intent_id=intent_id, provider=BANK, method="bank_transfer"))


def transfer_number(payment: Payment) -> int:
    """Of the attempt that a transfer pays; however many there were, for the money is there."""
    begun = payment.attempts
    payable = (one.number for one in begun if one.provider == BANK and one.status in ("open", "canceled"))
    return next(payable, len(begun) + 1)
