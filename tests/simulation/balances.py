"""What must hold of what buyers have with the shop: nobody spends what is not there, and all of it is owed to them."""

from collections import Counter
from typing import TYPE_CHECKING

from souk.domains.payments.model.mandate import Mandate, MandateDay
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.wallet import Wallet, WalletMovement
from souk.table import keys
from tests.simulation.table import Commit

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

    def committed(self, commit: Commit) -> None:
        """I20: never below nothing; the sum of its movements; held as payments wait for it; owed as the books say."""
        for _, wallet in self.checker.nouns(Wallet, commit.of(keys.WALLET)):
            self.wallets[wallet.buyer_id, wallet.currency] = wallet
        for at, before, after in commit.of(keys.WALLET_MOVEMENT):
            self.checker.need(before is None and after, "I20", f"{at} was changed")
            movement = self.checker.noun(WalletMovement, after)
            self.moved[movement.buyer_id, movement.currency] += movement.amount_minor
        for was, payment in self.checker.nouns(Payment, commit.of(keys.PAYMENT)):
            for one, sign in ((was, -1), (payment, 1)):
                if one and one.status == "awaiting":
                    self.held[one.buyer_id, one.currency] += sign * one.from_balance_minor
        for whose in {*self.wallets, *self.moved, *self.held}:
            wallet = self.wallets.get(whose, Wallet(buyer_id=whose[0], currency=whose[1]))
            self.checker.need(min(wallet.available_minor, wallet.held_minor) >= 0, "I20", wallet)
            self.checker.need(wallet.held_minor == self.held[whose], "I20", (wallet, self.held[whose]))
            self.checker.need(wallet.balance_minor == self.moved[whose], "I20", (wallet, self.moved[whose]))
        owed = -self.checker.books.accounts["wallet"]
        self.checker.need(sum(one.balance_minor for one in self.wallets.values()) == owed, "I20", owed)


class Mandates:
    """Follows what buyers let be charged without being asked, and the payments that are, or will be."""

    def __init__(self, checker: "Checker") -> None:
        self.checker = checker
        self.limits: Counter[str] = Counter()  # of each method the highest that was agreed to
        self.counted: Counter[tuple[str, str]] = Counter()  # by method and day
        self.charged: Counter[tuple[str, str]] = Counter()

    def committed(self, commit: Commit) -> None:
        """I35: a day counts what is charged by mandates, or will be, and that is never above what was agreed to."""
        for _, mandate in self.checker.nouns(Mandate, commit.of(keys.MANDATE)):
            self.limits[mandate.method_id] = max(self.limits[mandate.method_id], mandate.day_limit_minor)
        for _, day in self.checker.nouns(MandateDay, commit.of(keys.MANDATE_DAY)):
            self.counted[day.method_id, day.day] = day.charged_minor
        for was, payment in self.checker.nouns(Payment, commit.of(keys.PAYMENT)):
            for one, sign in ((was, -1), (payment, 1)):
                if one and (kept := one.kept_charge) and kept.mandate_id:
                    self.charged[kept.method_id, kept.day] += sign * one.due_minor
        for place, minor in self.charged.items():
            self.checker.need(self.counted[place] == minor <= self.limits[place[0]], "I35", (place, minor))
