"""What is booked is counted: in the balances of the books, and in the settlements of the merchants that it concerns."""

from collections.abc import Sequence

from souk.domains.ledger import actions as ledger
from souk.domains.settlement.actions import settlements
from souk.kernel.journal import JournalEntry


def count(entries: Sequence[JournalEntry]) -> None:
    ledger.count(entries)
    settlements.enter(entries)
