"""The mornings after: the provider's bills are fetched, and its balance is what the books say, to the cent (I17)."""

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from souk.domains.payments.model.money import MoneyEvent
from souk.domains.reconciliation.model.bill import Bill
from souk.domains.reconciliation.model.difference import Difference
from souk.kernel.journal import JournalEntry
from souk.table import keys
from tests.simulation.buyers import DAY
from tests.support import bills

if TYPE_CHECKING:
    from tests.simulation.world import World


def reconcile(world: "World") -> None:
    """Day by day, once the last of them is over."""
    world.schedule.pause(DAY)
    for day in _days(world):
        world.alone("PullBill", bills.due(day))
        world.schedule.pause(60.0)


def the_balance_is_the_providers(world: "World") -> None:
    """Each line of every bill is the shop's: charge, refund and dispute."""
    known = {bill.day.isoformat(): bill.status for bill in world.checker.rows(keys.BILL, Bill)}
    world.checker.need(known == dict.fromkeys(_days(world), "compared"), "I17", known)
    held: Counter[str] = Counter()
    for entry in world.checker.rows(keys.JOURNAL_ENTRY, JournalEntry):
        held[entry.currency] += sum(one.minor for one in entry.postings if one.account == "clearing:stripe")
    left = [one for one in world.checker.rows(keys.DIFFERENCE, Difference) if one.status == "open"]
    world.checker.need(not left, "I17", left)
    for currency, books in world.provider.fake.account.balances().items():
        world.checker.need(held[currency.upper()] == books["balance"], "I17", (currency, held, books))


def _days(world: "World") -> list[str]:
    """On which something has moved, there or here."""
    there = {datetime.fromtimestamp(one["created"], UTC) for one in world.provider.objects("balance_transaction")}
    here = {one.at for one in world.checker.rows(keys.MONEY_EVENT, MoneyEvent) if one.cleared_by == "stripe"}
    return sorted({at.date().isoformat() for at in there | here})
