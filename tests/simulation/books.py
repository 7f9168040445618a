"""What must hold of the books: every entry balances and stays, and nothing is owed that is not on its way."""

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from souk.domains.ledger.model.period import AccountingPeriod
from souk.domains.payments.model.refund import Refund
from souk.kernel import ids
from souk.table import keys, record
from souk.table.port import At, Row
from tests.simulation.table import Commit
from tests.support.books import accounts

if TYPE_CHECKING:
    from tests.simulation.invariants import Checker

Entry = dict[str, Any]
FEWEST = 2  # postings of an entry


class Books:
    """Follows the journal as it stands in the table: what the production code makes of an entry is not asked."""

    def __init__(self, checker: "Checker") -> None:
        self.checker = checker
        self.journal: dict[At, Entry] = {}
        self.accounts: Counter[str] = Counter()  # debits less credits
        self.owed: Counter[str] = Counter()  # the same of what each order's buyer owes
        self.closed: set[str] = set()
        self.balances: Counter[object] = Counter()  # the same as the shop itself counts it, by month and by day

    def committed(self, commit: Commit) -> None:
        for at, before, after in commit.of(keys.JOURNAL_ENTRY):
            self._entry(at, before, after)
        for _, before, after in commit.of(keys.ACCOUNT_BALANCE, keys.DAY_BALANCE):
            self._balance(before or {}, after or {})
        for _, period in self.checker.nouns(AccountingPeriod, commit.of(keys.PERIOD)):
            self._period(period)
        self.checker.need(not any(self.balances.values()), "I15", self.balances)
        self.checker.need(not self.accounts["order_moves"], "I18", self.accounts)
        for order_id in sorted({at.pk.partition("#")[2] for at, _, _ in commit.of(keys.JOURNAL_ENTRY, keys.REFUND)}):
            theirs = self._failed(order_id) + self._paid_ahead(order_id)
            self.checker.need(self.owed[order_id] == -theirs, "I18", (order_id, self.owed[order_id], theirs))

    def _entry(self, at: At, before: Row | None, after: Row | None) -> None:
        """I14: two postings at least, that sum to nothing; never changed but for that it is counted, and that once."""
        self.checker.need(after, "I14", f"{at} was deleted")
        entry: Entry = json.loads(record.text_of(after or {}))
        counted = int((after or {}).get("counted", 0))
        if before:
            self.checker.need(entry == self.journal[at], "I14", (entry, self.journal[at]))
            self.checker.need(int(before["counted"]) + 1 == counted == 1, "I16", f"{at} was counted twice")
            return
        minors = [posting["minor"] for posting in entry["postings"]]
        named = {posting["account"] for posting in entry["postings"]}
        self.checker.need(len(named) == len(minors) >= FEWEST, "I14", entry)
        self.checker.need(all(type(minor) is int and minor for minor in minors) and not sum(minors), "I14", entry)
        self.checker.need(not counted and at.pk.endswith(entry["subject"]) and at.sk == entry["cause"], "I14", entry)
        self.checker.need(entry["at"][:7] not in self.closed, "I14", f"{at} was booked in a closed month")
        self.journal[at] = entry
        for posting in entry["postings"]:
            self.accounts[posting["account"]] += posting["minor"]
            if posting["account"] == "receivable":
                self.owed[entry["subject"]] += posting["minor"]

    def _period(self, period: AccountingPeriod) -> None:
        """I14, I16: a month is closed once, when all of it is counted, and its statement is what was booked in it."""
        self.checker.need(period.month not in self.closed, "I14", period)
        entries = [one for one in self.journal.values() if one["at"].startswith(period.month)]
        self.checker.need(period.by_hand == sum(one["subject"].startswith("vch") for one in entries), "I14", period)
        if period.closed:
            self.closed.add(period.month)
            spent = accounts(entries)["other_expense"]
            self.checker.need(sum(one.expense_minor for one in period.statements) == spent, "I16", (period, spent))

    def _balance(self, before: Row, after: Row) -> None:
        """I15: whatever is counted is counted on both sides."""
        for row, sign in ((before, -1), (after, 1)):
            debits, credits = int(row.get("debit_minor", 0)), int(row.get("credit_minor", 0))
            self.balances[after["kind"], str(after["SK"]).rpartition("#")[2]] += sign * (debits - credits)

    def _paid_ahead(self, order_id: str) -> int:
        """What goods in exchange cost more, while those that they are for are not back."""
        order = self.checker.orders.get(order_id)
        if order is None or order.status != "awaiting_return":
            return 0
        payment = self.checker.payment(order_id)
        return payment.own_minor if payment else 0

    def _failed(self, order_id: str) -> int:
        """What went back and came again, and has not been sent anew: it is still the buyer's."""
        refunds = {one.refund_id: one for one in self.checker.of(keys.REFUND, Refund, order_id=order_id)}
        failed = [one for one in refunds.values() if one.status == "voided"]
        return sum(
            one.amount_minor - one.made_up_minor for one in failed if ids.derived("rfd", one.refund_id) not in refunds
        )
