"""What must hold of what buyers have with the shop: nobody spends what is not there, and all of it is owed to them."""

from collections import Counter
from typing import TYPE_CHECKING

from souk.domains.payments.model.mandate import Mandate, MandateDay
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.wallet import Wallet, WalletMovement
from souk.table.port import Row
from tests.simulation.table import Changed

if TYPE_CHECKING:
    from tests.simulation.invariants import Checker

Whose = tuple[str, str]  # buyer and currency


class Balances:
    """Follows the wallets, what moved them, and the payments that hold some of them."""

    def __init__(self, checker: "Checker") -> None:
        self.checker = checker
        self.wallets: dict[Whose, Wallet] = {}
        self.moved: Counter[Whose] = Counter()
        self.held: Counter[Whose] = Counter()

    def committed(self, wallets: Changed, movements: Changed, payments: Changed) -> None:
        """I20: never below nothing; the sum of its movements; held as payments wait for it; owed as the books say."""
        for _, _, after in wallets:
            wallet = self.checker.noun(Wallet, after)
            self.wallets[wallet.buyer_id, wallet.currency] = wallet
        for at, before, after in movements:
            self.checker.need(before is None and after, "I20", f"{at} was changed")
            movement = self.checker.noun(WalletMovement, after)
            self.moved[movement.buyer_id, movement.currency] += movement.amount_minor
        for _, before, after in payments:
            for row, sign in ((before, -1), (after, 1)):
                self._hold(row, sign)
        for whose in {*self.wallets, *self.moved, *self.held}:
            wallet = self.wallets.get(whose, Wallet(buyer_id=whose[0], currency=whose[1]))
            self.checker.need(min(wallet.available_minor, wallet.held_minor) >= 0, "I20", wallet)
            self.checker.need(wallet.held_minor == self.held[whose], "I20", (wallet, self.held[whose]))
            self.checker.need(wallet.balance_minor == self.moved[whose], "I20", (wallet, self.moved[whose]))
        owed = -self.checker.books.accounts["wallet"]
        self.checker.need(sum(one.balance_minor for one in self.wallets.values()) == owed, "I20", owed)

    def _hold(self, row: Row | None, sign: int) -> None:
        payment = self.checker.noun(Payment, row) if row else None
        if payment and payment.status == "awaiting":
            self.held[payment.buyer_id, payment.currency] += sign * payment.from_balance_minor


class Mandates:
    """Follows what buyers let be charged without being asked, and the payments that are, or will be."""

    def __init__(self, checker: "Checker") -> None:
        self.checker = checker
        self.limits: Counter[str] = Counter()  # of each method the highest that was agreed to
        self.counted: dict[tuple[str, str], int] = {}  # by method and day
        self.charged: Counter[tuple[str, str]] = Counter()

    def committed(self, mandates: Changed, days: Changed, payments: Changed) -> None:
        """I35: a day counts what is charged by mandates, or will be, and that is never above what was agreed to."""
        for _, _, after in mandates:
            mandate = self.checker.noun(Mandate, after)
            highest = max(self.limits[mandate.method_id], mandate.day_limit_minor)
            self.limits[mandate.method_id] = highest
        for _, _, after in days:
            one = self.checker.noun(MandateDay, after)
            self.counted[one.method_id, one.day] = one.charged_minor
        for _, before, after in payments:
            for row, sign in ((before, -1), (after, 1)):
                self._charge(row, sign)
        for (method_id, day), minor in self.charged.items():
            self.checker.need(self.counted[method_id, day] == minor, "I35", (method_id, day, minor))
            self.checker.need(minor <= self.limits[method_id], "I35", (method_id, day, minor))

    def _charge(self, row: Row | None, sign: int) -> None:
        payment = self.checker.noun(Payment, row) if row else None
        if payment and (kept := payment.kept_charge) and kept.mandate_id:
            self.charged[kept.method_id, kept.day] += sign * payment.due_minor
