"""Settlements: what a merchant's sales of a month come to, movement by movement, until they are paid out."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, computed_field

from souk.kernel import clock, ids
from souk.kernel.caller import HEAD_OFFICE, Caller
from souk.kernel.errors import Conflict, Missing, Refused
from souk.kernel.journal import SALE, JournalEntry
from souk.kernel.months import begin_of, month_of, next_month
from souk.kernel.shapes import MAX_MINOR, Currency, Id, Input, Line, Mark, Noun, Versioned

# How long after its end a month may be closed: by then the stream has brought nearly all that was booked in it. What
# comes later still is in the month after.
CLOSING_GRACE = timedelta(days=3)
PAYABLE, COMMISSION, ADJUSTMENTS = "merchants_payable", "commission", "merchant_adjustments"
ADJUSTED, PAID_OUT = "adjusted", "paid out"
Kind = Literal["sale", "refund", "adjustment", "till"]
# By how the causes of entries begin. What is split or merged is taken back and sold anew: both belong to the sales.
_KINDS: dict[str, Kind] = {
    SALE: "sale",
    "split": "sale",
    "merged": "sale",
    "left out": "refund",
    "returned": "refund",
    "correction": "refund",
    "goodwill": "refund",
    "goodwill_used": "refund",
    "goodwill_back": "refund",
    "dispute_lost": "refund",
    "dispute_regained": "refund",
    "loss_used": "refund",
    ADJUSTED: "adjustment",
}
_COLUMNS: dict[Kind, str] = {
    "sale": "sales_minor",
    "refund": "refunds_minor",
    "adjustment": "adjustments_minor",
    "till": "taken_minor",
}
_OWN = {"revenue", "freight", "refunds"}  # kinds of accounts on which goods of the retailer are sold and credited
Place = tuple[str, str]  # merchant and currency


class NoSuchSettlement(Missing):
    title = "No such settlement"


class SettlementNotOver(Conflict):
    title = "A settlement is closed some days after the end of its month"


class EarlierSettlementOpen(Conflict):
    title = "An earlier settlement of this merchant is still open"


class NothingDue(Conflict):
    title = "Only a closed settlement that the merchant is owed something by is paid out"


class PaidOutAlready(Conflict):
    title = "This settlement has been paid out"


class AdjustmentReferenceUsed(Conflict):
    title = "The merchant has another adjustment of that reference"


class SettlementTooLong(Refused):
    title = "A settlement with so many movements is read page by page"


class NothingAdjusted(Refused):
    title = "An adjustment gives something or takes it"


class MerchantMovement(Noun):
    """What changed what a merchant is owed: `gross_minor` less the shop's fee. Of an order it is what one entry of the
    books tells: a sale, a refund, or that the merchant's own till has taken the money, or paid it back. An adjustment
    is made by people, who say why. `month` is that of the settlement it is in. An `undivided` one is of an order with
    goods of others too: it is taken back when that is split, and the merchant's part, which came from it, is sold.
    """

    merchant_id: str
    subject: str
    cause: str
    kind: Kind
    currency: str
    at: datetime
    month: str
    gross_minor: int
    fee_minor: int = 0
    undivided: bool = False
    reason: Annotated[str | None, Mark.WITHHELD] = None
    by: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def payable_minor(self) -> int:
        return self.gross_minor - self.fee_minor

    @property
    def place(self) -> Place:
        return self.merchant_id, self.currency

    def counts(self) -> dict[str, int]:
        """What it adds to its settlement."""
        gross = -self.gross_minor if self.kind in ("refund", "till") else self.gross_minor
        return {_COLUMNS[self.kind]: gross, "fees_minor": self.fee_minor, "movements": 1}

    def shown_to(self, by: Caller) -> Self:
        return self.but(by=self.by and "shop") if by.is_bound else self

    def need_same(self, draft: "AdjustmentDraft") -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        if (self.currency, self.gross_minor, self.reason) != (draft.currency, draft.amount_minor, draft.reason):
            raise AdjustmentReferenceUsed(subject=self.subject)

    def entry(self) -> JournalEntry:
        """What an adjustment gives the shop spends; every other movement comes from an entry."""
        moves = {f"{PAYABLE}:{self.merchant_id}": -self.gross_minor, ADJUSTMENTS: self.gross_minor}
        return JournalEntry.of(
            self.subject, self.cause, at=self.at, store_id=HEAD_OFFICE, currency=self.currency, moves=moves
        )


class MovementLine(MerchantMovement):
    """A movement as it is read: with the number by which people know the order it is of."""

    order_number: str | None = None


class AdjustmentDraft(Input):
    """What head office gives (or, below zero, takes) beside the sales. The reference is the client's: sent twice, it is
    one adjustment.
    """

    reference: Id
    currency: Currency
    amount_minor: Annotated[int, Field(strict=True, ge=-MAX_MINOR, le=MAX_MINOR)]
    reason: Line

    def movement(self, merchant_id: str, at: datetime, by: str) -> MerchantMovement:
        if not self.amount_minor:
            raise NothingAdjusted()
        return MerchantMovement(
            merchant_id=merchant_id,
            subject=ids.derived("adj", merchant_id, self.reference),
            cause=ADJUSTED,
            kind="adjustment",
            currency=self.currency,
            at=at,
            month=month_of(at.date()),
            gross_minor=self.amount_minor,
            reason=self.reason,
            by=by,
        )


class PayoutDraft(Input):
    """That head office has paid: from which account of its bank, and under which reference there."""

    bank_account: Line
    bank_reference: Line


class Payout(Noun):
    bank_account: str | None = None
    bank_reference: str
    at: datetime
    by: str


class Settlement(Versioned):
    """A month of a merchant in one currency. Each part counts as it is named; `fees_minor` less those given back.

    `taken_minor` is what the merchant's own tills took, with the tax, less what they paid back. `brought_forward_minor`
    is what earlier ones left below zero. Once it is closed nothing more falls into it.
    """

    merchant_id: str
    month: str
    currency: str
    brought_forward_minor: int = 0
    sales_minor: int = 0
    refunds_minor: int = 0
    fees_minor: int = 0
    adjustments_minor: int = 0
    taken_minor: int = 0
    movements: int = 0
    closed: int = 0
    closed_at: datetime | None = None
    closed_by: str | None = None
    payout: Payout | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def payable_minor(self) -> int:
        earned = self.sales_minor - self.refunds_minor - self.fees_minor
        return self.brought_forward_minor + earned + self.adjustments_minor - self.taken_minor

    @computed_field  # type: ignore[prop-decorator]
    @property
    def status(self) -> Literal["open", "due", "carried", "paid"]:
        """What is not above zero when it is closed is carried over into the next month."""
        if not self.closed:
            return "open"
        if self.payout:
            return "paid"
        return "due" if self.payable_minor > 0 else "carried"

    @property
    def awaited(self) -> Literal["awaited"] | None:
        """Head office is to pay it."""
        return "awaited" if self.status == "due" else None

    def shown_to(self, by: Caller) -> Self:
        """Its merchant is not told who at head office closed and paid it, nor out of which account."""
        if not by.is_bound:
            return self
        payout = self.payout and self.payout.but(bank_account=None, by="shop")
        return self.but(closed_by=self.closed_by and "shop", payout=payout)

    def need_over(self, now: datetime) -> None:
        closable_at = begin_of(next_month(self.month)) + CLOSING_GRACE
        if now < closable_at:
            raise SettlementNotOver(closable_at=clock.text(closable_at))

    def closed_now(self, at: datetime, by: str) -> "Settlement":
        return self.but(closed=1, closed_at=at, closed_by=by)

    def paid_out(self, said: PayoutDraft, at: datetime, by: str) -> "Settlement":
        if self.status != "due":
            raise NothingDue(status=self.status, payable_minor=self.payable_minor)
        return self.but(payout=Payout(**dict(said), at=at, by=by))

    def is_paid_as(self, said: PayoutDraft) -> bool:
        """Whether it was paid out by just this; PaidOutAlready where it was by another transfer."""
        if self.payout is None:
            return False
        if (self.payout.bank_account, self.payout.bank_reference) != (said.bank_account, said.bank_reference):
            raise PaidOutAlready(bank_reference=self.payout.bank_reference)
        return True

    def payout_entry(self, at: datetime) -> JournalEntry:
        payout_id = ids.derived("pyo", self.merchant_id, self.month, self.currency)
        moves = {f"{PAYABLE}:{self.merchant_id}": self.payable_minor, "bank": -self.payable_minor}
        return JournalEntry.of(
            payout_id,
            PAID_OUT,
            at=at,
            store_id=HEAD_OFFICE,
            currency=self.currency,
            moves=moves,
            reference=self.payout.bank_reference if self.payout else None,
        )


class SettlementDue(Settlement):
    """In the list of what is to be paid out, of all merchants."""

    merchant_name: str


class MerchantAccount(Versioned):
    """What a merchant is owed now. `closed_through` is the last month that was closed, as 202611."""

    merchant_id: str
    currency: str
    owed_minor: int = 0
    closed_through: int = 0

    @property
    def last_closed(self) -> str:
        """As a month is written; before all others where there is none."""
        return f"{self.closed_through // 100:04d}-{self.closed_through % 100:02d}"

    def month_for(self, at: datetime) -> str:
        """Of what happened then, the settlement it falls into: of its own month, or the first that is open after it."""
        own = month_of(at.date())
        return own if own > self.last_closed else next_month(self.last_closed)


def movements_of(entry: JournalEntry) -> list[MerchantMovement]:
    """What an entry of an order means to each merchant that it concerns; of a payout the account knows by itself.

    The fee stands in the entry beside what the merchant is owed less the fee: together they are the gross.
    """
    if entry.cause == PAID_OUT:
        return []
    sums: dict[str, Counter[str]] = {}
    of_shop = False
    for posting in entry.postings:
        kind, _, merchant_id = posting.account.partition(":")
        of_shop = of_shop or kind in _OWN
        if kind in (PAYABLE, COMMISSION):
            sums.setdefault(merchant_id, Counter())[kind] -= posting.minor
    return [
        MerchantMovement(
            merchant_id=merchant_id,
            subject=entry.subject,
            cause=entry.cause,
            kind=_KINDS.get(entry.cause.partition(":")[0], "till"),
            currency=entry.currency,
            at=entry.at,
            month=month_of(entry.at.date()),
            gross_minor=moved[PAYABLE] + moved[COMMISSION],
            fee_minor=moved[COMMISSION],
            undivided=len(sums) + of_shop > 1,
        )
        for merchant_id, moved in sums.items()
    ]


def totals(movements: Iterable[MerchantMovement]) -> dict[tuple[str, str, str], Counter[str]]:
    """What is added to each settlement, by merchant, month and currency."""
    sums: dict[tuple[str, str, str], Counter[str]] = {}
    for one in movements:
        sums.setdefault((one.merchant_id, one.month, one.currency), Counter()).update(one.counts())
    return sums


def number_of(month: str) -> int:
    """`2026-11` -> 202611: months that a condition can compare."""
    return int(month[:4]) * 100 + int(month[5:])
