"""Vouchers: what people enter into the books by hand, with debits and credits."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from souk.kernel import clock, states
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.errors import Conflict, Refused
from souk.kernel.journal import JournalEntry
from souk.kernel.shapes import MAX_MINOR, Currency, Date, Id, Input, Line, Versioned
from souk.kernel.states import States

# What vouchers may be booked on: every other account has an origin in the shop that it must agree with.
VoucherAccount = Literal["bank", "other_income", "other_expense"]
STATES: States = {"posted": {"voided"}, "voided": set()}
VOUCHER = "vch"  # how the id of a voucher begins
OLDEST_VOUCHER = timedelta(days=731)


class VoucherReferenceUsed(Conflict):
    title = "There is another voucher with this reference"


class Unbalanced(Refused):
    title = "Debits and credits differ, or there are none"


class VoucherDate(Refused):
    title = "A voucher is dated today or before, and not years ago"


class VoucherPosting(Input):
    """`minor` units: a debit, or below zero a credit."""

    account: VoucherAccount
    minor: Annotated[int, Field(strict=True, ge=-MAX_MINOR, le=MAX_MINOR)]


class VoucherDraft(Input):
    """Income or expense of which no order tells: rent, interest. The reference is the client's: sent twice, it is one
    voucher. Without `dated` it is of today.
    """

    reference: Id
    currency: Currency
    note: Line
    dated: Date | None = None
    postings: Annotated[list[VoucherPosting], Field(min_length=2, max_length=10)]

    def moves(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for posting in self.postings:
            sums[posting.account] = sums.get(posting.account, 0) + posting.minor
        if sum(sums.values()) or not any(sums.values()):
            raise Unbalanced(off_by_minor=sum(sums.values()))
        return sums

    def voucher(self, voucher_id: str, at: datetime, by: str) -> "Voucher":
        dated = self.dated or at.date()
        if not at.date() - OLDEST_VOUCHER <= dated <= at.date():
            raise VoucherDate(dated=dated.isoformat())
        said = self.model_dump(include={"reference", "currency", "note"})
        return Voucher(voucher_id=voucher_id, moves=self.moves(), dated=dated, at=at, by=by, **said)


class Voucher(Versioned):
    """What people have booked; `moves` are debits by account, and below zero credits.

    One that an older release has stored is of the day on which it was posted.
    """

    voucher_id: str
    reference: str
    status: str = "posted"
    currency: str
    note: str
    moves: dict[str, int]
    at: datetime
    dated: Annotated[date, Field(default_factory=lambda said: said["at"].date())]
    by: str
    voided_at: datetime | None = None
    voided_by: str | None = None

    def need_same(self, draft: VoucherDraft) -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        dated = draft.dated or self.dated
        if (self.currency, self.note, self.dated, self.moves) != (draft.currency, draft.note, dated, draft.moves()):
            raise VoucherReferenceUsed(voucher_id=self.voucher_id)

    def entry(self) -> JournalEntry:
        at = self.at if self.dated == self.at.date() else clock.midnight(self.dated)
        return JournalEntry.of(
            self.voucher_id, "posted", at=at, store_id=HEAD_OFFICE, currency=self.currency, moves=self.moves
        )

    def voided(self, at: datetime, by: str) -> "Voucher":
        status = states.move(STATES, self.status, "voided", f"Voucher {self.reference}")
        return self.but(status=status, voided_at=at, voided_by=by)


def is_by_hand(entry: JournalEntry) -> bool:
    return entry.subject.startswith(f"{VOUCHER}_")
