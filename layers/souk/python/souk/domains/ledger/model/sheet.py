"""The books as rows of a spreadsheet, with amounts as people write them; debits and credits in columns of their own."""

from collections.abc import Iterable, Sequence

from souk.domains.ledger.model.balance import TrialBalance
from souk.kernel import clock, money
from souk.kernel.errors import Refused
from souk.kernel.journal import JournalEntry

Rows = list[Sequence[str]]
BALANCE_COLUMNS = ("account", "title", "type", "currency", "debit", "credit", "balance")
JOURNAL_COLUMNS = ("at", "subject", "cause", "store_id", "account", "currency", "debit", "credit")


class JournalTooLong(Refused):
    title = "A day with so many entries is read page by page"


def balance_rows(trials: Iterable[TrialBalance]) -> Rows:
    """Each account of a currency, and after them their sum."""
    rows: Rows = [BALANCE_COLUMNS]
    for trial in trials:
        currency = trial.currency
        for one in trial.accounts:
            sums = (one.debit_minor, one.credit_minor, one.balance_minor)
            rows.append((one.account, one.title, one.type, currency, *(money.major(minor, currency) for minor in sums)))
        whole = (trial.debit_minor, trial.credit_minor)
        rows.append(("total", "", "", currency, *(money.major(minor, currency) for minor in whole), ""))
    return rows


def journal_rows(entries: Iterable[JournalEntry]) -> Rows:
    """A row for each posting; times are UTC."""
    rows: Rows = [JOURNAL_COLUMNS]
    for entry in entries:
        named = (clock.text(entry.at), entry.subject, entry.cause, entry.store_id)
        for posting in entry.postings:
            amount = money.major(abs(posting.minor), entry.currency)
            sides = (amount, "") if posting.minor > 0 else ("", amount)
            rows.append((*named, posting.account, entry.currency, *sides))
    return rows
