"""Bills and differences, as they are asked for."""

from collections import defaultdict

from souk.domains.reconciliation.model.bill import Bill, BillReport, NoSuchBill
from souk.domains.reconciliation.model.difference import Difference, Named, NoSuchDifference, Place, Status
from souk.kernel.caller import Caller
from souk.kernel.shapes import Noun
from souk.table import ask, keys, patterns
from souk.table.entity import shard_of

PARTS = patterns.MONEY_CLEARED.shards
# Of the newest ones that are open: what is told on the other side of midnight is a day old.
MOST_PARTNERS = 2_000


class _Card(Noun):
    bill_id: str
    difference_id: str
    number: str
    currency: str


def part_of(number: str) -> int:
    """A bill is compared part by part, each with what the shop has of the same numbers."""
    return shard_of(number, PARTS)


def find_bill(bill_id: str) -> Bill | None:
    return ask.find(keys.BILL, Bill, bill_id=bill_id)


def bill_for(bill_id: str, by: Caller) -> Bill:
    """Bills are head office's."""
    by.need_store(None)
    return ask.get(keys.BILL, Bill, NoSuchBill, bill_id=bill_id)


def bills(month: str, limit: int, position: str | None) -> tuple[list[BillReport], str | None]:
    rows = ask.ask(patterns.BILLS_OF_MONTH, limit=limit, position=position, month=month).whole()
    return [BillReport.of(one) for one in rows.all(keys.BILL, Bill)], rows.position


def difference_for(bill_id: str, difference_id: str, by: Caller) -> Difference:
    by.need_store(None)
    return ask.get(keys.DIFFERENCE, Difference, NoSuchDifference, bill_id=bill_id, difference_id=difference_id)


def find_difference(bill_id: str, difference_id: str) -> Difference | None:
    return ask.find(keys.DIFFERENCE, Difference, bill_id=bill_id, difference_id=difference_id)


def differences(bill_id: str) -> dict[str, Difference]:
    rows = ask.ask(patterns.DIFFERENCES_OF_BILL, bill_id=bill_id)
    return {one.difference_id: one for one in rows.all(keys.DIFFERENCE, Difference)}


def differences_of_bill(bill_id: str, limit: int, position: str | None) -> tuple[list[Difference], str | None]:
    rows = ask.ask(patterns.DIFFERENCES_OF_BILL, limit=limit, position=position, bill_id=bill_id)
    return rows.all(keys.DIFFERENCE, Difference), rows.position


def partners(provider: str, but: str) -> dict[Place, list[Named]]:
    """What is open at a provider in other bills, by the transaction."""
    rows = ask.ask(patterns.DIFFERENCES_BY_STATUS, limit=MOST_PARTNERS, provider=provider, status="open")
    found = defaultdict[Place, list[Named]](list)
    for one in rows.all(keys.DIFFERENCE, _Card):
        if one.bill_id != but:
            found[one.number, one.currency].append((one.bill_id, one.difference_id))
    return found


def by_status(provider: str, status: Status, limit: int, position: str | None) -> tuple[list[Difference], str | None]:
    """Newest day first."""
    rows = ask.ask(
        patterns.DIFFERENCES_BY_STATUS, limit=limit, position=position, provider=provider, status=status
    ).whole()
    return rows.all(keys.DIFFERENCE, Difference), rows.position
