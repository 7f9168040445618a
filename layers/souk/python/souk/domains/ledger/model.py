"""The books: what people enter by hand, what each account holds, months and their statements, and profit."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field, computed_field

from souk.kernel import clock, money, states
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.errors import Conflict, Refused
from souk.kernel.journal import AccountType, JournalEntry, kind_of
from souk.kernel.shapes import MAX_MINOR, Currency, Date, Id, Input, Line, Noun, Versioned
from souk.kernel.states import States

# What vouchers may be booked on: every other account has an origin in the shop that it must agree with.
VoucherAccount = Literal["bank", "other_income", "other_expense"]
STATES: States = {"posted": {"voided"}, "voided": set()}
Sides = tuple[int, int]  # debits and credits, minor units
VOUCHER = "vch"  # how the id of a voucher begins
OLDEST_VOUCHER = timedelta(days=731)
# How long after its end a month may be closed: by then what happened in it is booked, and stands in every index.
CLOSING_GRACE = timedelta(days=3)
NONE = "none"  # of no goods, of no campaign
# Kinds of accounts: those of money, those that the profit of a day tells apart, and those by which that of goods does.
MONEY = ("bank", "clearing")
_PARTS = ("revenue", "discounts", "refunds", "freight", "cost_of_goods", "provider_fees")
_COLUMNS = {"revenue": "sold_minor", "refunds": "credited_minor", "cost_of_goods": "cost_minor"}


class VoucherReferenceUsed(Conflict):
    title = "There is another voucher with this reference"


class Unbalanced(Refused):
    title = "Debits and credits differ, or there are none"


class VoucherDate(Refused):
    title = "A voucher is dated today or before, and not years ago"


class PeriodClosed(Conflict):
    title = "This month is closed: nothing is booked in it any more"


class PeriodNotOver(Conflict):
    title = "A month is closed some days after its end"


class EntriesNotCounted(Conflict):
    title = "The balances do not know every entry of this month yet"


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
    """What people have booked; `moves` are debits by account, and below zero credits."""

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
        at = self.at if self.dated == self.at.date() else datetime.combine(self.dated, time.min, UTC)
        return JournalEntry.of(
            self.voucher_id, "posted", at=at, store_id=HEAD_OFFICE, currency=self.currency, moves=self.moves
        )

    def voided(self, at: datetime, by: str) -> "Voucher":
        status = states.move(STATES, self.status, "voided", f"Voucher {self.reference}")
        return self.but(status=status, voided_at=at, voided_by=by)


class AccountBalance(Noun):
    """What was booked on an account in a month."""

    month: str
    account: str
    currency: str
    debit_minor: int = 0
    credit_minor: int = 0


class DayBalance(Noun):
    """The same of a day."""

    day: str
    account: str
    currency: str
    debit_minor: int = 0
    credit_minor: int = 0


class AccountSum(Noun):
    """`balance_minor` on the account's own side: what there is of an asset, what is owed, earned or spent."""

    account: str
    title: str
    type: AccountType
    debit_minor: int
    credit_minor: int
    balance_minor: int


class TrialBalance(Noun):
    """All that was booked in one currency; `difference_minor` is zero, or something is wrong."""

    currency: str
    accounts: tuple[AccountSum, ...]
    debit_minor: int
    credit_minor: int
    difference_minor: int


def trial_balances(rows: Iterable[AccountBalance]) -> list[TrialBalance]:
    """One for each currency, its accounts by name."""
    sums: dict[str, dict[str, Sides]] = {}
    for row in rows:
        accounts = sums.setdefault(row.currency, {})
        debit, credit = accounts.get(row.account, (0, 0))
        accounts[row.account] = debit + row.debit_minor, credit + row.credit_minor
    return [_trial_balance(currency, accounts) for currency, accounts in sorted(sums.items())]


def _trial_balance(currency: str, accounts: dict[str, Sides]) -> TrialBalance:
    sums = tuple(_sum(account, debit, credit) for account, (debit, credit) in sorted(accounts.items()))
    debits, credits = sum(one.debit_minor for one in sums), sum(one.credit_minor for one in sums)
    return TrialBalance(
        currency=currency, accounts=sums, debit_minor=debits, credit_minor=credits, difference_minor=debits - credits
    )


def _sum(account: str, debit_minor: int, credit_minor: int) -> AccountSum:
    kind = kind_of(account)
    sign = 1 if kind.type in ("asset", "expense") else -1
    return AccountSum(
        account=account,
        title=kind.title,
        type=kind.type,
        debit_minor=debit_minor,
        credit_minor=credit_minor,
        balance_minor=sign * (debit_minor - credit_minor),
    )


def totals(entries: Iterable[JournalEntry], span: Literal["month", "day"]) -> dict[tuple[str, str, str], Sides]:
    """Debits and credits of each span (as 2026-11 or 2026-11-22), account and currency."""
    sums: dict[tuple[str, str, str], Sides] = {}
    for entry in entries:
        when = entry.at.date().isoformat()[: 7 if span == "month" else 10]
        for posting in entry.postings:
            place = when, posting.account, entry.currency
            debit, credit = sums.get(place, (0, 0))
            sums[place] = debit + max(posting.minor, 0), credit + max(-posting.minor, 0)
    return sums


class Statement(Noun):
    """What was earned and spent in a month in one currency, and what came and went at the provider and the bank."""

    currency: str
    income: tuple[AccountSum, ...]
    expenses: tuple[AccountSum, ...]
    income_minor: int
    expense_minor: int
    profit_minor: int
    money: tuple[AccountSum, ...]


class AccountingPeriod(Versioned):
    """A month of the books. `by_hand` counts the entries of vouchers in it; once it is closed there are no more."""

    month: str
    by_hand: int = 0
    closed: int = 0
    closed_at: datetime | None = None
    closed_by: str | None = None
    statements: tuple[Statement, ...] = ()

    def need_over(self, now: datetime) -> None:
        *_, last = self.days()
        closable_at = datetime.combine(last, time.min, UTC) + timedelta(days=1) + CLOSING_GRACE
        if now < closable_at:
            raise PeriodNotOver(closable_at=clock.text(closable_at))

    def days(self) -> Iterable[date]:
        day = date.fromisoformat(f"{self.month}-01")
        while month_of(day) == self.month:
            yield day
            day += timedelta(days=1)

    def closed_with(self, statements: Iterable[Statement], at: datetime, by: str) -> "AccountingPeriod":
        return self.but(closed=1, closed_at=at, closed_by=by, statements=tuple(statements))


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def is_by_hand(entry: JournalEntry) -> bool:
    return entry.subject.startswith(f"{VOUCHER}_")


def statements(rows: Iterable[AccountBalance]) -> list[Statement]:
    """From what was booked in the month; a currency each."""
    return [_statement(one) for one in trial_balances(rows)]


def _statement(trial: TrialBalance) -> Statement:
    income = tuple(one for one in trial.accounts if one.type == "income")
    expenses = tuple(one for one in trial.accounts if one.type == "expense")
    earned, spent = (sum(one.balance_minor for one in part) for part in (income, expenses))
    return Statement(
        currency=trial.currency,
        income=income,
        expenses=expenses,
        income_minor=earned,
        expense_minor=spent,
        profit_minor=earned - spent,
        money=tuple(one for one in trial.accounts if one.account.partition(":")[0] in MONEY),
    )


class Profit(Noun):
    """What was earned: with goods that were sold, less what was credited and what the goods had cost; and otherwise.

    Freight is part of what its goods are sold for, tax is of nobody's.
    """

    month: str
    currency: str
    sold_minor: int = 0
    credited_minor: int = 0
    cost_minor: int = 0
    other_minor: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def profit_minor(self) -> int:
        return self.sold_minor + self.credited_minor + self.cost_minor + self.other_minor


class ProductProfit(Profit):
    """`sku` is `none` for what was earned or spent with no goods at all: rent, interest."""

    sku: str


class CampaignProfit(Profit):
    """`campaign` is a flash sale, or `none`."""

    campaign: str


class DayProfit(Noun):
    """Income less expenses of a day: revenue less discounts and refunds, freight, the cost of goods, and all else."""

    day: str
    currency: str
    revenue_minor: int
    discounts_minor: int
    refunds_minor: int
    freight_minor: int
    cost_of_goods_minor: int
    provider_fees_minor: int
    other_minor: int
    profit_minor: int


def profit_by_day(rows: Iterable[DayBalance]) -> list[DayProfit]:
    """Each part as it changes the profit: what is spent is below zero."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in rows:
        kind = row.account.partition(":")[0]
        if kind_of(row.account).type in ("income", "expense"):
            part = f"{kind if kind in _PARTS else 'other'}_minor"
            earned = row.credit_minor - row.debit_minor
            found.setdefault((row.day, row.currency), Counter()).update({part: earned, "profit_minor": earned})
    nothing = dict.fromkeys(DayProfit.model_fields, 0)
    return [
        DayProfit(**nothing | parts | {"day": day, "currency": currency})
        for (day, currency), parts in sorted(found.items())
    ]


def shared(entry: JournalEntry, sale: JournalEntry | None) -> JournalEntry:
    """What an entry earns of an order as a whole (a fee, goodwill) is its goods', by what each was sold for."""
    if entry.by_sku or not entry.earned_minor:
        return entry
    sold = {sku: max(minor, 0) for sku, minor in (sale.by_sku if sale else {NONE: 0}).items()} or {NONE: 0}
    parts = money.apportion(entry.earned_minor, list(sold.values()))
    return entry.but(by_sku=dict(zip(sold, parts, strict=True)), campaign=sale.campaign if sale else None)


def profits(
    entries: Iterable[JournalEntry], of: Literal["sku", "campaign"]
) -> dict[tuple[str, str, str], Counter[str]]:
    """What each month, SKU or campaign, and currency has earned, by how it did."""
    sums: dict[tuple[str, str, str], Counter[str]] = {}
    for entry in entries:
        for sku, minor in entry.by_sku.items():
            place = month_of(entry.at.date()), sku if of == "sku" else entry.campaign or NONE, entry.currency
            sums.setdefault(place, Counter())[_column(entry)] += minor
    return sums


def _column(entry: JournalEntry) -> str:
    kinds = {posting.account.partition(":")[0] for posting in entry.postings}
    return next((column for kind, column in _COLUMNS.items() if kind in kinds), "other_minor")
