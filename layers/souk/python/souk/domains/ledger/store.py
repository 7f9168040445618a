"""The books, as they are asked for."""

from collections.abc import Iterable, Sequence
from datetime import date

from souk.domains.ledger.model import period as periods
from souk.domains.ledger.model.balance import AccountBalance, DayBalance
from souk.domains.ledger.model.period import AccountingPeriod, Statement
from souk.domains.ledger.model.profit import CampaignProfit, ProductProfit
from souk.domains.ledger.model.voucher import Voucher, is_by_hand
from souk.kernel.caller import Caller
from souk.kernel.journal import SALE, JournalEntry
from souk.table import ask, keys, patterns

Entries = tuple[list[JournalEntry], str | None]


def balances(until: str | None = None) -> list[AccountBalance]:
    """What was booked on each account in each month, up to the month `until` (as 2026-11) with it, or all."""
    rows = ask.ask(patterns.BALANCES, until=f"{until or ''}~")
    return rows.all(keys.ACCOUNT_BALANCE, AccountBalance)


def day_balances(month: str) -> list[DayBalance]:
    return ask.ask(patterns.DAY_BALANCES, month=month).all(keys.DAY_BALANCE, DayBalance)


def period(month: str) -> AccountingPeriod:
    return ask.find(keys.PERIOD, AccountingPeriod, month=month) or AccountingPeriod(month=month)


def periods_of(months: Iterable[str]) -> list[AccountingPeriod]:
    """In their order, also those of which nothing is known yet."""
    wanted = list(months)
    rows = ask.many(ask.key(keys.PERIOD, month=month) for month in wanted)
    known = {one.month: one for one in rows.all(keys.PERIOD, AccountingPeriod)}
    return [known.get(month) or AccountingPeriod(month=month) for month in wanted]


def statements(month: str) -> list[Statement]:
    rows = ask.ask(patterns.BALANCES, since=month, until=f"{month}~")
    return periods.statements(rows.all(keys.ACCOUNT_BALANCE, AccountBalance))


def stated(month: str) -> AccountingPeriod:
    """With its statements: as they were when it was closed, or as they stand."""
    found = period(month)
    return found if found.closed else found.but(statements=tuple(statements(month)))


def product_profits(month: str, limit: int, position: str | None) -> tuple[list[ProductProfit], str | None]:
    """By SKU."""
    rows = ask.ask(patterns.PROFIT_OF_PRODUCTS, limit=limit, position=position, month=month)
    return rows.all(keys.PRODUCT_PROFIT, ProductProfit), rows.position


def campaign_profits(month: str, limit: int, position: str | None) -> tuple[list[CampaignProfit], str | None]:
    rows = ask.ask(patterns.PROFIT_OF_CAMPAIGNS, limit=limit, position=position, month=month)
    return rows.all(keys.CAMPAIGN_PROFIT, CampaignProfit), rows.position


def find_voucher(voucher_id: str) -> Voucher | None:
    return ask.find(keys.VOUCHER, Voucher, voucher_id=voucher_id)


def voucher_for(voucher_id: str, by: Caller) -> Voucher:
    """Vouchers are head office's."""
    by.need_store(None)
    return ask.get(keys.VOUCHER, Voucher, voucher_id=voucher_id)


def vouchers(month: str, limit: int, position: str | None) -> tuple[list[Voucher], str | None]:
    """Newest first."""
    rows = ask.ask(patterns.VOUCHERS_OF_MONTH, limit=limit, position=position, month=month).whole()
    return rows.all(keys.VOUCHER, Voucher), rows.position


def notes(entries: Iterable[JournalEntry]) -> dict[str, str]:
    """What people said of those that they booked, by voucher."""
    wanted = [ask.key(keys.VOUCHER, voucher_id=one) for one in {e.subject: e for e in entries if is_by_hand(e)}]
    found = (one for rows in ask.in_batches(wanted) for one in rows.all(keys.VOUCHER, Voucher))
    return {one.voucher_id: one.note for one in found}


def of_subject(subject: str, limit: int, position: str | None) -> Entries:
    rows = ask.ask(patterns.JOURNAL_OF_SUBJECT, limit=limit, position=position, subject=subject)
    return rows.all(keys.JOURNAL_ENTRY, JournalEntry), rows.position


def of_day(day: date, limit: int, position: str | None) -> Entries:
    """In the order in which they were booked; one that was booked just now may still be missing."""
    rows = ask.ask(patterns.JOURNAL_OF_DAY, limit=limit, position=position, day=day.isoformat())
    return rows.whole().all(keys.JOURNAL_ENTRY, JournalEntry), rows.position


def not_counted(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Those of the entries that the balances do not know yet."""
    found = _as_they_are((one.subject, one.cause) for one in entries)
    return [one for one in entries if not found[one.subject, one.cause].counted]


def sales(subjects: Iterable[str]) -> dict[str, JournalEntry]:
    """As what each of these orders was sold."""
    found = _as_they_are((subject, SALE) for subject in subjects)
    return {subject: entry for (subject, _), entry in found.items()}


def _as_they_are(names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], JournalEntry]:
    wanted = [ask.key(keys.JOURNAL_ENTRY, subject=subject, cause=cause) for subject, cause in names]
    found = (one for rows in ask.in_batches(wanted) for one in rows.all(keys.JOURNAL_ENTRY, JournalEntry))
    return {(one.subject, one.cause): one for one in found}
