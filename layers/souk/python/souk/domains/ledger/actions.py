"""What is done with the books: entries are counted into the balances, and people make and take back their own."""

from collections.abc import Iterable, Sequence

from souk.domains.ledger import store
from souk.domains.ledger.model import Sides, Voucher, VoucherDraft, totals
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.journal import JournalEntry
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import AtMost, Present
from souk.table.unit import MOST_ACTIONS, ChangedMeanwhile, Unit


def count(entries: Sequence[JournalEntry]) -> None:
    """Adds each entry to the balances of its accounts, once, however often it is delivered."""
    for batch in _fitting(entries):
        again(lambda batch=batch: _count(store.not_counted(batch)))  # type: ignore[misc]


def post_voucher(draft: VoucherDraft, by: Caller) -> Voucher:
    """Head office's; sent again under the same reference it is the same voucher."""
    by.need_store(None)
    new = draft.voucher(ids.derived("vch", draft.reference), clock.now(), by.id)

    def post() -> Voucher:
        if found := store.find_voucher(new.voucher_id):
            found.need_same(new)
            return found
        with Unit() as unit:
            unit.book(new.entry())
            return unit.save(keys.VOUCHER, new, otherwise=ChangedMeanwhile())

    return again(post)


def void_voucher(voucher_id: str, by: Caller) -> Voucher:
    """An entry is never changed: another one takes it back, and both stay."""

    def void() -> Voucher:
        found = store.voucher_for(voucher_id, by)
        voided = found.voided(clock.now(), by.id)
        with Unit() as unit:
            unit.book(found.entry().reversed("voided", clock.now()))
            return unit.save(keys.VOUCHER, voided)

    return again(void)


def _fitting(entries: Sequence[JournalEntry]) -> Iterable[Sequence[JournalEntry]]:
    """As few batches as one transaction each can count: an entry is marked, its accounts are counted twice."""
    batch: list[JournalEntry] = []
    for entry in entries:
        if batch and _writes([*batch, entry]) > MOST_ACTIONS:
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _writes(entries: Sequence[JournalEntry]) -> int:
    return len(entries) + len(totals(entries, "month")) + len(totals(entries, "day"))


def _count(entries: Sequence[JournalEntry]) -> None:
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


def _add(sides: Sides) -> dict[str, int]:
    return dict(zip(("debit_minor", "credit_minor"), sides, strict=True))
