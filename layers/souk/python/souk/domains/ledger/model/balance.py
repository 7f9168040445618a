"""Balances: what was booked on each account, and whether debits are credits."""

from collections.abc import Iterable
from typing import Literal

from souk.kernel.journal import AccountType, JournalEntry, control_of, kind_of
from souk.kernel.shapes import Noun

Sides = tuple[int, int]  # debits and credits, minor units


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
            place = when, control_of(posting.account), entry.currency
            debit, credit = sums.get(place, (0, 0))
            sums[place] = debit + max(posting.minor, 0), credit + max(-posting.minor, 0)
    return sums
