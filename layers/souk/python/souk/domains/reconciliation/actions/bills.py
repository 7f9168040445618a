"""What is done with bills: one is asked for, its file is read, and what it adds up to is booked."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from tempfile import TemporaryFile

from souk.domains.reconciliation import store
from souk.domains.reconciliation.actions import differences
from souk.domains.reconciliation.model.bill import (
    CONTENT_TYPE,
    MOST_LINES,
    Bill,
    BillDraft,
    BillReport,
    BillTooLong,
    BillUrl,
    Provider,
    Sums,
    need_over,
    need_readable,
    period,
)
from souk.domains.reconciliation.model.difference import Difference, Movement, Side
from souk.gateways import bills as gateway
from souk.gateways import files, queues
from souk.gateways import stripe as provider_api
from souk.kernel import clock, ids, settings
from souk.kernel.caller import Caller, system
from souk.kernel.uploads import NotUploaded
from souk.table import keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def ask_for(draft: BillDraft, by: Caller) -> BillUrl:
    by.need_store(None)
    need_readable(draft.bytes)
    bill = _bill_of(draft.provider, draft.day, by)
    return BillUrl(bill_id=bill.bill_id, **dict(files.invitation(bill.key, CONTENT_TYPE, draft.bytes)))


def compare_again(bill_id: str, by: Caller) -> BillReport:
    """The same file, with what the shop knows by now."""

    found = files.look(store.bill_for(bill_id, by).key)
    if found is None:
        raise NotUploaded()

    def wait() -> Bill:
        bill = store.bill_for(bill_id, by)
        if bill.etag is None:
            return bill
        with Unit() as unit:
            return unit.save(keys.BILL, bill.but(etag=None))

    bill = again(wait)
    told = {"key": bill.key, "eTag": found.etag.strip('"'), "size": found.bytes}
    queues.send(settings.bills_queue(), [{"Records": [{"s3": {"object": told}}]}])
    return BillReport.of(bill)


def pull(day: date) -> None:
    """The bill of a day out of the provider's API; its file is compared like one that was sent up."""
    bill = _bill_of("stripe", day, system("pull_bill"))
    files.put(bill.key, gateway.as_file(provider_api.balance_transactions(*period_of(bill))), CONTENT_TYPE)


def to_read(key: str, etag: str) -> Bill | None:
    """The bill whose file has been sent up; None where there is none, or nothing left to do."""
    bill = store.find_bill(key.split("/")[-1].removesuffix(".csv"))
    return None if bill is None or bill.etag == etag else bill


def read(bill: Bill, etag: str, size: int, account: str | None) -> tuple[Sums, list[list[Movement]]]:
    """What the bill adds up to, and its movements in the parts in which they are compared; refused where it is of
    another account.
    """
    need_readable(size)
    sums, parts, lines = Sums(), [list[Movement]() for _ in range(store.PARTS)], 0
    with TemporaryFile() as file:
        files.fetch(bill.key, etag, file)
        for line in gateway.read(file, bill.provider, bill.day, account):
            lines += 1
            if lines > MOST_LINES:
                raise BillTooLong(most_lines=MOST_LINES)
            _add(sums, line)
            if line.kind == "movement":
                side = Side(minor=line.presented_minor, account_minor=line.gross_minor, account_currency=line.currency)
                movement = Movement(line.number, line.presented_currency, side)
                parts[store.part_of(line.number)].append(movement)
    return sums, parts


def conclude(bill: Bill, etag: str, sums: Sums, matched: int, found: Iterable[Difference]) -> None:
    """Files the differences one by one, so that it may break off anywhere and is done anew; the sums come last."""
    differences.file(bill, found)
    done, entries = bill.compared(etag, sums.all(), matched, clock.now()).news()
    with Unit() as unit:
        for entry in entries:
            unit.book(entry)
        unit.save(keys.BILL, done)


def refuse(bill: Bill, etag: str, why: str) -> None:
    with Unit() as unit:
        unit.save(keys.BILL, bill.refusing(etag, why))


def period_of(bill: Bill) -> tuple[datetime, datetime]:
    return period(bill.day, _ahead(bill.provider))


def _bill_of(provider: Provider, day: date, by: Caller) -> Bill:
    """The one bill that there is of a provider's day, asked for now or before."""
    need_over(day, _ahead(provider), clock.now())
    bill_id = ids.derived("bil", provider, day.isoformat())

    def find() -> Bill:
        if known := store.find_bill(bill_id):
            return known
        with Unit() as unit:
            new = Bill(bill_id=bill_id, provider=provider, day=day, by=by.id, asked_at=clock.now())
            return unit.save(keys.BILL, new, otherwise=ChangedMeanwhile())

    return again(find)


def _ahead(provider: Provider) -> timedelta:
    return gateway.FORMATS[provider].ahead


def _add(sums: Sums, line: gateway.BillLine) -> None:
    gross, counts = line.gross_minor, {"lines": 1, "fees_minor": line.fee_minor}
    if line.kind == "payout":
        counts["paid_out_minor"] = -gross
    elif gross > 0:
        counts["received_minor"] = gross
    else:
        counts["paid_back_minor"] = -gross
    sums.add(line.currency, **counts)
