"""The books, and the orders that they tell of."""

from datetime import date

from souk.domains.ledger import actions as ledger
from souk.domains.orders.store import lists as orders
from souk.kernel.caller import Caller
from souk.kernel.sheet import Sheet


def export_journal(day: date, by: Caller) -> Sheet:
    """Of a day, with the numbers that people know its orders by."""
    entries = ledger.journal_of(day, by)
    return ledger.export_journal(day, entries, orders.numbers(one.subject for one in entries))
