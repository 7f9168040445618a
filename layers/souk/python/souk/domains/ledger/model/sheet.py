"""The books as rows of a spreadsheet, with amounts as people write them; debits and credits in columns of their own."""

from collections.abc import Iterable, Mapping, Sequence

from souk.domains.ledger.model.balance import TrialBalance
from souk.domains.ledger.model.period import AccountingPeriod
from souk.kernel import money
from souk.kernel.errors import Refused
from souk.kernel.journal import JournalEntry, kind_of
from souk.kernel.sheet import utc

Rows = list[Sequence[str]]
BALANCE_COLUMNS = ("account", "title", "type", "currency", "debit", "credit", "debit_balance", "credit_balance")
JOURNAL_COLUMNS = (
    "booked_at_utc",
    "order_number",
    "subject",
    "cause",
    "note",
    "reference",
    "store_id",
    "account",
    "title",
    "currency",
    "debit",
    "credit",
)
STATEMENT_COLUMNS = ("month", "status", "section", "account", "title", "currency", "amount")


class JournalTooLong(Refused):
    title = "A day with so many entries is read page by page"


def balance_rows(trials: Iterable[TrialBalance]) -> Rows:
    """Each account of a currency with what was booked on it, and what is left on which side; after them their sum."""
    rows: Rows = [BALANCE_COLUMNS]
    for trial in trials:
        currency = trial.currency
        for one in trial.accounts:
            booked = [money.major(minor, currency) for minor in (one.debit_minor, one.credit_minor)]
            sides = _sides(one.debit_minor - one.credit_minor, currency)
            rows.append((one.account, one.title, one.type, currency, *booked, *sides))
        net = [one.debit_minor - one.credit_minor for one in trial.accounts]
        left = sum(max(minor, 0) for minor in net), sum(max(-minor, 0) for minor in net)
        sums = (trial.debit_minor, trial.credit_minor, *left)
        rows.append(("total", "", "", currency, *(money.major(minor, currency) for minor in sums)))
    return rows


def statement_rows(period: AccountingPeriod) -> Rows:
    """Income and expenses of the month by account, each with their total, the profit, and what money came and went."""
    rows: Rows = [STATEMENT_COLUMNS]
    named = period.month, "closed" if period.closed else "open"
    for one in period.statements:
        sums = {"income": one.income_minor, "expense": one.expense_minor, "profit": one.profit_minor, "money": None}
        parts = {"income": one.income, "expense": one.expenses, "money": one.money}
        for section, minor in sums.items():
            lines = [(part.account, part.title, part.balance_minor) for part in parts.get(section, ())]
            if minor is not None:
                lines.append(("total", "", minor))
            for account, title, left in lines:
                rows.append((*named, section, account, title, one.currency, money.major(left, one.currency)))
    return rows


def journal_rows(entries: Iterable[JournalEntry], numbers: Mapping[str, str], notes: Mapping[str, str]) -> Rows:
    """A row for each posting; by subject the `numbers` of orders, and the `notes` of vouchers."""
    rows: Rows = [JOURNAL_COLUMNS]
    for entry in entries:
        number, note = (known.get(entry.subject, "") for known in (numbers, notes))
        named = (utc(entry.at), number, entry.subject, entry.cause, note, entry.reference or "", entry.store_id)
        for posting in entry.postings:
            account = (posting.account, kind_of(posting.account).title, entry.currency)
            rows.append((*named, *account, *_sides(posting.minor, entry.currency)))
    return rows


def _sides(minor: int, currency: str) -> tuple[str, str]:
    """A debit, or below zero a credit; the other side is empty, and of nothing both."""
    amount = money.major(abs(minor), currency)
    return amount if minor > 0 else "", amount if minor < 0 else ""
