"""The movements of money, and the balances that are derived from them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args

from souk.domains.payments.model.payment import TILL_METHODS
from souk.kernel.charging import Sum
from souk.kernel.paying import BALANCE, BANK
from souk.kernel.shapes import Noun

EventKind = Literal[
    "charge",
    "top_up",
    "charge_held",
    "charge_decided",
    "moved_in",
    "moved_out",
    "refund_owed",
    "refund_posted",
    "refund_failed",
    "refund_to_balance",
    "goodwill",
    "goodwill_used",
    "goodwill_back",
    "dispute_withdrawn",
    "dispute_reinstated",
    "dispute_lost",
    "dispute_regained",
    "dispute_used",
    "loss_used",
    "dispute_unused",
]

# What each moves on the accounts of the shop: which is debited, which is credited.
_MOVES: dict[EventKind, tuple[str, str]] = {
    "charge": ("clearing", "receivable"),
    "top_up": ("clearing", "wallet"),
    # Money for an order that is over, and that it has become the order's own, or is to go back.
    "charge_held": ("clearing", "suspense"),
    "charge_decided": ("suspense", "receivable"),
    "moved_in": ("order_moves", "receivable"),
    "moved_out": ("receivable", "order_moves"),
    "refund_owed": ("receivable", "refunds_payable"),
    "refund_posted": ("refunds_payable", "clearing"),
    "refund_failed": ("refunds_payable", "receivable"),
    "refund_to_balance": ("receivable", "clearing"),
    # Beyond what the goods cost, until goods come back for which it was given ahead.
    "goodwill": ("goodwill", "receivable"),
    "goodwill_used": ("receivable", "goodwill"),
    "goodwill_back": ("receivable", "goodwill"),
    # What a bank takes back is the shop's until it is decided; its fee is in the provider's bill, as every fee is.
    "dispute_withdrawn": ("disputed", "clearing"),
    "dispute_reinstated": ("clearing", "disputed"),
    "dispute_lost": ("dispute_losses", "disputed"),
    "dispute_regained": ("disputed", "dispute_losses"),
    # Goods that are credited have been paid back by the bank already; or have not, where it returns the money.
    "dispute_used": ("receivable", "disputed"),
    "loss_used": ("receivable", "dispute_losses"),
    "dispute_unused": ("disputed", "receivable"),
}
_BORNE_BY_MERCHANTS = ("goodwill", "dispute_losses")
# What was paid back before goods came back, and what of the payment remembers it.
AHEAD: dict[EventKind, str] = {
    "goodwill_used": "goodwill_minor",
    "dispute_used": "disputed_minor",
    "loss_used": "lost_minor",
}


class MoneyEvent(Noun):
    """One movement of money, written once and never changed; `subject` is the charge or the refund that moved it.

    The buyer knows it as what was `charged`, where that is in another currency.
    """

    order_id: str
    kind: EventKind
    subject: str
    amount_minor: int
    currency: str
    method: str = "card"
    provider: str = "stripe"
    transaction_number: str | None = None
    at: datetime
    # What it moved on the provider's account; an event of an older release does not say it, and is not looked for.
    cleared_minor: int = 0
    charged: Sum | None = None

    @property
    def cleared_by(self) -> str | None:
        """In whose bill it is to stand."""
        return (self.clearing.partition(":")[2] or None) if self.cleared_minor and self.transaction_number else None

    @property
    def clearing(self) -> str:
        """Where the money comes from or goes to: what a buyer has with the shop, the shop owes them.

        What is transferred is on suspense until it is known for what it came, and goes back from the bank. What is less
        than the smallest coin of the currency that was charged nobody can move: it is a gain of the shop.
        """
        if self.provider == BALANCE:
            return "wallet"
        if self.charged and not self.charged.minor:
            return "exchange"
        if self.provider == BANK:
            return "suspense" if self.kind == "charge" else "bank"
        return f"clearing:{self.method if self.method in TILL_METHODS else self.provider}"

    @property
    def effect(self) -> str:
        """Unique in its order: the same effect cannot be written twice."""
        return f"{self.kind}:{self.subject}"

    def moves(self, had_gone: bool, merchant_id: str | None = None, by_shop_minor: int = 0) -> dict[str, int]:
        """`had_gone` where a refund fails that was posted: then it comes from where it went to.

        What the till of a merchant takes, the merchant has: it is owed so much less. So it is by what goes back to its
        buyers beyond what they were credited with, but for `by_shop_minor` of a loss.
        """
        debit, credit = _MOVES[self.kind]
        if self.kind == "refund_failed" and had_gone:
            debit = "clearing"
        named = {"clearing": self.clearing}
        if merchant_id:
            borne = (*_BORNE_BY_MERCHANTS, "clearing") if self.method in TILL_METHODS else _BORNE_BY_MERCHANTS
            named |= dict.fromkeys(borne, f"merchants_payable:{merchant_id}")
        moves = {named.get(debit, debit): self.amount_minor, named.get(credit, credit): -self.amount_minor}
        if merchant_id and by_shop_minor:
            shared = by_shop_minor if debit == "dispute_losses" else -by_shop_minor
            moves |= {"dispute_losses": shared, named["dispute_losses"]: moves[named["dispute_losses"]] - shared}
        return moves


class Balances(Noun):
    """What was authorised was charged, too, but for what the buyer's bank has only promised yet.

    What was moved to another order counts there as charged, so that over all orders it is what was charged. By
    `overdrawn_minor` more has gone back than was charged: a refund and a dispute of the same money.
    """

    authorised_minor: int
    charged_minor: int
    refunded_minor: int
    pending_minor: int
    disputed_minor: int = 0
    overdrawn_minor: int = 0


def balances(events: Iterable[MoneyEvent], promised_minor: int = 0) -> Balances:
    """From the set of effects: neither their order nor a repetition matters. A failed refund has moved nothing.

    `promised_minor` is authorised, and not taken yet.
    """
    amounts: dict[EventKind, dict[str, int]] = {kind: {} for kind in get_args(EventKind)}
    for event in events:
        amounts[event.kind][event.subject] = event.amount_minor
    owed, posted, failed = amounts["refund_owed"], amounts["refund_posted"], amounts["refund_failed"]
    paid = (amounts[kind].values() for kind in ("charge", "charge_decided", "top_up", "moved_in"))
    charged = sum(sum(each) for each in paid) - sum(amounts["moved_out"].values())
    at_once = amounts["refund_to_balance"]
    refunded = sum(amount for refund, amount in (posted | at_once).items() if refund not in failed)
    pending = sum(amount for refund, amount in owed.items() if refund not in {*posted, *failed})
    disputed = sum(amounts["dispute_withdrawn"].values()) - sum(amounts["dispute_reinstated"].values())
    return Balances(
        authorised_minor=charged + promised_minor,
        charged_minor=charged,
        refunded_minor=refunded,
        pending_minor=pending,
        disputed_minor=disputed,
        overdrawn_minor=max(0, refunded + pending + disputed - charged),
    )
