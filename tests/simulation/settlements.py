"""What must hold of settlements: each movement is in one of them, and none changes once it is closed."""

from collections import Counter
from typing import TYPE_CHECKING

from souk.domains.payments.model.money import MoneyEvent
from souk.domains.payments.model.payment import Payment
from souk.domains.settlement.model.settlement import (
    PAYABLE,
    MerchantAccount,
    MerchantMovement,
    Settlement,
)
from souk.kernel.months import next_month
from souk.table import keys
from tests.simulation.table import Commit

if TYPE_CHECKING:
    from tests.simulation.invariants import Checker

LOST = {"dispute_lost": 1, "dispute_regained": -1}
Month = tuple[str, str, str]  # merchant, month and currency


class Settlements:
    """Follows what merchants are owed, and what it is made of."""

    def __init__(self, checker: "Checker") -> None:
        self.checker = checker
        self.moved: Counter[Month] = Counter()
        self.owed: Counter[tuple[str, str]] = Counter()
        self.carried: Counter[Month] = Counter()  # into that month, out of the one before it
        self.brought: Counter[Month] = Counter()  # the same as the settlement says it

    def committed(self, commit: Commit) -> None:
        """I37: a settlement is the sum of its movements, and closed once; an account, of all that was not paid out."""
        for at, before, after in commit.of(keys.MERCHANT_MOVEMENT):
            self.checker.need(before is None and after, "I37", f"{at} was changed")
            one = self.checker.noun(MerchantMovement, after)
            self.moved[one.merchant_id, one.month, one.currency] += one.payable_minor
            self.owed[one.place] += one.payable_minor
        for then, now in self.checker.nouns(Settlement, commit.of(keys.SETTLEMENT)):
            self._settlement(then, now)
        self.checker.need(self.brought == self.carried, "I37", (self.brought, self.carried))
        for _, account in self.checker.nouns(MerchantAccount, commit.of(keys.MERCHANT_ACCOUNT)):
            owed = self.owed[account.merchant_id, account.currency]
            self.checker.need(account.owed_minor == owed, "I37", (account, owed))

    def _settlement(self, then: Settlement | None, now: Settlement) -> None:
        if then and then.closed:
            self.checker.need(then.payout is None and now.payout, "I37", (then, now))
            self.checker.need(now.but(payout=None, version=then.version) == then, "I37", (then, now))
            self.owed[now.merchant_id, now.currency] -= now.payable_minor
            return
        moved = self.moved[now.merchant_id, now.month, now.currency]
        self.brought[now.merchant_id, now.month, now.currency] = now.brought_forward_minor
        self.checker.need(now.payable_minor == now.brought_forward_minor + moved, "I37", now)
        if now.closed and now.payable_minor < 0:
            self.carried[now.merchant_id, next_month(now.month), now.currency] += now.payable_minor

    def beside_orders(self) -> Counter[str]:
        """What merchants were given more by people, less what was paid out to them, came into their own tills, or was
        lost to banks and not given back by buyers' balances.
        """
        sums: Counter[str] = Counter()
        for one in self.checker.rows(keys.SETTLEMENT, Settlement):
            paid = one.payable_minor if one.payout else 0
            sums[f"{PAYABLE}:{one.merchant_id}"] += one.adjustments_minor - paid - one.taken_minor
        lost: Counter[str] = Counter()
        for moved in self.checker.rows(keys.MONEY_EVENT, MoneyEvent):
            order = self.checker.orders.get(moved.order_id)
            if order and order.merchant_id:
                lost[order.order_id] += LOST.get(moved.kind, 0) * moved.amount_minor
                sums[f"{PAYABLE}:{order.merchant_id}"] += moved.amount_minor * (moved.kind == "loss_used")
        for payment in self.checker.rows(keys.PAYMENT, Payment):
            if minor := max(0, lost[payment.order_id] - payment.reclaimed_minor):
                sums[f"{PAYABLE}:{self.checker.orders[payment.order_id].merchant_id}"] -= minor
        return sums
