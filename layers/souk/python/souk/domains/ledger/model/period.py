"""Months of the books: their statements, and what it takes to close them."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from souk.domains.ledger.model.balance import AccountBalance, AccountSum, TrialBalance, trial_balances
from souk.kernel import clock
from souk.kernel.errors import Conflict, Unavailable
from souk.kernel.shapes import Noun, Versioned

# How long after its end a month may be closed: by then what happened in it is booked, and stands in every index.
CLOSING_GRACE = timedelta(days=3)
MONEY = ("bank", "clearing")  # kinds of accounts


class PeriodClosed(Conflict):
    title = "This month is closed: nothing is booked in it any more"


class PeriodNotOver(Conflict):
    title = "A month is closed some days after its end"


class EarlierPeriodOpen(Conflict):
    title = "Months are closed one after the other, and an earlier one is open"


class EntriesNotCounted(Conflict):
    title = "The balances do not know every entry of this month yet"


class ClosingGoesOn(Unavailable):
    """It has gone through so many entries; the same command goes on from there."""

    title = "The month has more entries than are gone through at once: send the same again"


class Statement(Noun):
    """What was earned and spent in a month in one currency, and what came and went at the provider and the bank."""

    currency: str
    income: tuple[AccountSum, ...]
    expenses: tuple[AccountSum, ...]
    income_minor: int
    expense_minor: int
    profit_minor: int
    money: tuple[AccountSum, ...]


class Progress(Noun):
    """How far into a month its closing has come: which day is next, from which place on, and how many entries of
    vouchers it has met.
    """

    day: date
    position: str | None = None
    by_hand: int = 0


class AccountingPeriod(Versioned):
    """A month of the books. `by_hand` counts the entries of vouchers in it; once it is closed there are no more."""

    month: str
    by_hand: int = 0
    progress: Progress | None = None
    closed: int = 0
    closed_at: datetime | None = None
    closed_by: str | None = None
    statements: tuple[Statement, ...] = ()

    def need_over(self, now: datetime) -> None:
        closable_at = clock.midnight(self.last + timedelta(days=1)) + CLOSING_GRACE
        if now < closable_at:
            raise PeriodNotOver(closable_at=clock.text(closable_at))

    @property
    def begun(self) -> Progress:
        return self.progress or Progress(day=date.fromisoformat(f"{self.month}-01"))

    @property
    def last(self) -> date:
        first = date.fromisoformat(f"{self.month}-01")
        return first.replace(day=monthrange(first.year, first.month)[1])

    def closed_with(self, statements: Iterable[Statement], at: datetime, by: str) -> "AccountingPeriod":
        return self.but(closed=1, closed_at=at, closed_by=by, statements=tuple(statements), progress=None)


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
