"""What is done with the books: entries are counted into the balances, and people make and take back their own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from souk.domains.ledger import store
from souk.domains.ledger.model.balance import Sides, totals, trial_balances
from souk.domains.ledger.model.period import (
    AccountingPeriod,
    ClosingGoesOn,
    EarlierPeriodOpen,
    EntriesNotCounted,
    PeriodClosed,
    Progress,
)
from souk.domains.ledger.model.profit import profits, shared
from souk.domains.ledger.model.sheet import JournalTooLong, balance_rows, journal_rows, statement_rows
from souk.domains.ledger.model.voucher import OLDEST_VOUCHER, VOUCHER, Voucher, VoucherDraft, is_by_hand
from souk.gateways import sheets
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.journal import JournalEntry
from souk.kernel.months import month_of, months, next_month
from souk.kernel.sheet import Sheet
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import AtMost, Present, version
from souk.table.unit import MOST_ACTIONS, ChangedMeanwhile, Unit

A_PAGE, MOST_PAGES = 400, 250  # of entries, gone through within the time of a request
MOST_ROWS = 20_000  # what one answer has room for


def count(entries: Sequence[JournalEntry]) -> None:
    """Adds each entry to the balances of its accounts, once, however often it is delivered."""
    for batch in _fitting(_shared(entries)):
        again(partial(_count, batch))


def export_balances(until: str | None, by: Caller) -> Sheet:
    by.need_store(None)
    rows = balance_rows(trial_balances(store.balances(until)))
    return sheets.sheet(f"trial-balance-{until or f'as-of-{clock.now().date()}'}", rows)


def export_statement(month: str, by: Caller) -> Sheet:
    by.need_store(None)
    return sheets.sheet(f"statement-{month}", statement_rows(store.stated(month)))


def export_journal(day: date, entries: Sequence[JournalEntry], numbers: Mapping[str, str]) -> Sheet:
    """What `journal_of` found, with the numbers of the orders by their ids."""
    return sheets.sheet(f"journal-{day}", journal_rows(entries, numbers, store.notes(entries)))


def journal_of(day: date, by: Caller) -> list[JournalEntry]:
    """All that was booked that day, in order; JournalTooLong where no file has room for it."""
    by.need_store(None)
    entries, position = store.of_day(day, A_PAGE, None)
    while position and len(entries) <= MOST_ROWS:
        more, position = store.of_day(day, A_PAGE, position)
        entries += more
    if sum(len(one.postings) for one in entries) > MOST_ROWS:
        raise JournalTooLong(most=MOST_ROWS)
    return entries


def post_voucher(draft: VoucherDraft, by: Caller) -> Voucher:
    """Head office's; sent again under the same reference it is the same voucher."""
    by.need_store(None)
    new = draft.voucher(ids.derived(VOUCHER, draft.reference), clock.now(), by.id)

    def post() -> Voucher:
        if found := store.find_voucher(new.voucher_id):
            found.need_same(draft)
            return found
        with Unit() as unit:
            _book(unit, new.entry())
            return unit.save(keys.VOUCHER, new, otherwise=ChangedMeanwhile())

    return again(post)


def void_voucher(voucher_id: str, by: Caller) -> Voucher:
    """An entry is never changed: another one takes it back, and both stay."""

    def void() -> Voucher:
        found = store.voucher_for(voucher_id, by)
        voided = found.voided(clock.now(), by.id)
        with Unit() as unit:
            _book(unit, found.entry().reversed("voided", clock.now()))
            return unit.save(keys.VOUCHER, voided)

    return again(void)


def close_period(month: str, by: Caller) -> AccountingPeriod:
    """Head office's, and for good: nothing is booked in it any more, nor in an earlier one, and its statement stays.

    What the shop books by itself is of the hour in which it does, and a bill of the end of its day if it comes within
    two days of it: a month is closed after that. What the stream has given up is counted before; a voucher that is
    booked meanwhile changes the period, which is then looked at anew. ClosingGoesOn where it has more entries than one
    request goes through.
    """
    by.need_store(None)
    period = again(lambda: _close(store.period(month), by))
    if not period.closed:
        raise ClosingGoesOn(day=period.begun.day.isoformat())
    return period


def _close(period: AccountingPeriod, by: Caller) -> AccountingPeriod:
    """Closed, or as far as it has come."""
    if period.closed:
        return period
    period.need_over(clock.now())
    earlier = _open_before(period)
    came = _count_rest(period)
    if came.day <= period.last:
        onward = period.but(progress=came)
    elif came.by_hand == period.by_hand:
        onward = period.closed_with(store.statements(period.month), clock.now(), by.id)
    elif period.progress:  # a voucher came on a day that was gone through before
        onward = period.but(progress=None)
    else:  # one is so new that the index does not show it
        raise EntriesNotCounted()
    with Unit() as unit:
        for one in earlier:
            unit.check(keys.PERIOD, version(one.version), month=one.month, otherwise=ChangedMeanwhile())
        return unit.save(keys.PERIOD, onward, otherwise=ChangedMeanwhile())


def _open_before(period: AccountingPeriod) -> list[AccountingPeriod]:
    """The months before it, all of them empty, in which people may still book; EarlierPeriodOpen where one is not: what
    an account held at the end of a closed month stays as it was.
    """
    reach = months(month_of((clock.now() - OLDEST_VOUCHER).date()), period.month)
    booked = {one.month for one in store.balances(period.month) if one.month < period.month}
    found = [one for one in store.periods_of(sorted({*reach, *booked})) if not one.closed]
    if held := next((one for one in found if one.by_hand or one.month in booked), None):
        raise EarlierPeriodOpen(month=held.month)
    return found


def _count_rest(period: AccountingPeriod) -> Progress:
    """Counts what the balances do not know yet, of as many entries as fit into a request; how far that came."""
    came, rest = period.begun, list[JournalEntry]()
    for _ in range(MOST_PAGES):
        if came.day > period.last:
            break
        entries, position = store.of_day(came.day, A_PAGE, came.position)
        came = came.but(
            day=came.day if position else came.day + timedelta(days=1),
            position=position,
            by_hand=came.by_hand + sum(map(is_by_hand, entries)),
        )
        rest += (entry for entry in entries if not entry.counted)
    count(rest)
    return came


def _book(unit: Unit, entry: JournalEntry) -> None:
    """What people book, they book in a month that is open, as all after it are, and which counts it."""
    month = month_of(entry.at.date())
    for later in months(next_month(month), month_of(clock.now().date())):
        closed = PeriodClosed(f"{later}, which comes after it, is closed", month=later)
        unit.check(keys.PERIOD, AtMost("closed", 0), month=later, otherwise=closed)
    unit.book(entry)
    unit.change(
        keys.PERIOD,
        month=month,
        add={"by_hand": 1},
        only_if=(AtMost("closed", 0),),
        otherwise=PeriodClosed(month=month),
    )


def _shared(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Each with the goods that it earns with; a voucher earns with none."""
    of_orders = [one for one in entries if one.earned_minor and not one.by_sku and not is_by_hand(one)]
    sales = store.sales(dict.fromkeys(one.subject for one in of_orders))
    return [shared(one, sales.get(one.subject)) for one in entries]


def _fitting(entries: Sequence[JournalEntry]) -> Iterable[Sequence[JournalEntry]]:
    """As few batches as one transaction each can count: an entry is marked, its accounts and goods are counted."""
    batch: list[JournalEntry] = []
    places: set[object] = set()
    for entry in entries:
        if batch and len(places | _places(entry)) > MOST_ACTIONS:
            yield batch
            batch, places = [], set()
        batch.append(entry)
        places |= _places(entry)
    if batch:
        yield batch


def _places(entry: JournalEntry) -> set[object]:
    """What is written when it is counted."""
    balances = {*totals([entry], "month"), *totals([entry], "day")}
    earned = {(of, *place) for of in ("sku", "campaign") for place in profits([entry], of)}
    return {(entry.subject, entry.cause)} | balances | earned


def _count(batch: Sequence[JournalEntry]) -> None:
    entries = store.not_counted(batch)
    with Unit() as unit:
        for entry in entries:
            unit.change(
                keys.JOURNAL_ENTRY,
                subject=entry.subject,
                cause=entry.cause,
                add={"counted": 1},
                only_if=(Present(), AtMost("counted", 0)),
            )
        for (month, account, currency), sides in totals(entries, "month").items():
            unit.change(keys.ACCOUNT_BALANCE, add=_add(sides), month=month, account=account, currency=currency)
        for (day, account, currency), sides in totals(entries, "day").items():
            unit.change(keys.DAY_BALANCE, add=_add(sides), month=day[:7], day=day, account=account, currency=currency)
        for (month, sku, currency), earned in profits(entries, "sku").items():
            unit.change(keys.PRODUCT_PROFIT, add=earned, month=month, sku=sku, currency=currency)
        for (month, campaign, currency), earned in profits(entries, "campaign").items():
            unit.change(keys.CAMPAIGN_PROFIT, add=earned, month=month, campaign=campaign, currency=currency)


def _add(sides: Sides) -> dict[str, int]:
    return dict(zip(("debit_minor", "credit_minor"), sides, strict=True))
