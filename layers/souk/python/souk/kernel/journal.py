"""The journal of money: entries of double-entry bookkeeping, written once, in the transaction of what they tell of.

An account is named by its kind and, after a colon, what it is of: `clearing:stripe`, `revenue:own`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, Self

from pydantic import model_validator

from souk.kernel.shapes import Noun

SALE = "sale"  # the cause of the entry that tells as what an order was sold
AccountType = Literal["asset", "liability", "income", "expense"]


class AccountKind(NamedTuple):
    """Of a `subsidiary` kind the balances know one sum: what each merchant has of it, the settlements tell."""

    type: AccountType
    title: str
    subsidiary: bool = False


# What an order's buyer owes is `receivable`: a sale and a charge meet there, and so do a credit and a refund, each
# worked out by another room of the shop, so what is left there of an order that has ended is a fault.
CHART = {
    "receivable": AccountKind("asset", "Owed by buyers"),
    "clearing": AccountKind("asset", "At the payment provider or in the till"),
    "bank": AccountKind("asset", "At the bank"),
    "stock": AccountKind("asset", "Goods, less what has left"),
    "order_moves": AccountKind("asset", "On its way between orders that are split or merged"),
    "disputed": AccountKind("asset", "Taken back by buyers' banks, undecided"),
    "suspense": AccountKind("liability", "Received, and not decided for what"),
    "refunds_payable": AccountKind("liability", "Refunds on their way"),
    "wallet": AccountKind("liability", "Buyers' balances"),
    "merchants_payable": AccountKind("liability", "Owed to merchants", subsidiary=True),
    "tax": AccountKind("liability", "Tax on sales"),
    "revenue": AccountKind("income", "Goods sold"),
    "discounts": AccountKind("income", "Discounts"),
    "refunds": AccountKind("income", "Goods credited"),
    "freight": AccountKind("income", "Freight"),
    "commission": AccountKind("income", "Fees kept of merchants' sales", subsidiary=True),
    "other_income": AccountKind("income", "Other income"),
    "cost_of_goods": AccountKind("expense", "What the goods sold had cost"),
    "provider_fees": AccountKind("expense", "Fees of payment providers"),
    "goodwill": AccountKind("expense", "Paid back beyond the goods' price"),
    "merchant_adjustments": AccountKind("expense", "Given to merchants beside their sales"),
    "balance_corrections": AccountKind("expense", "Buyers' balances corrected"),
    "dispute_losses": AccountKind("expense", "Lost to buyers' banks"),
    "exchange": AccountKind("expense", "Currency gains and losses"),
    "other_expense": AccountKind("expense", "Other expenses"),
}


class Posting(Noun):
    """A debit, or below zero a credit."""

    account: str
    minor: int


class JournalEntry(Noun):
    """`cause` says why, once for each `subject` (an order, a voucher, a bill): the same is never booked twice.

    What it earns or, below zero, costs is of the goods that `by_sku` names, to the cent; of none, of all that the
    subject is of. A `campaign` is what they were bought in. The `reference` is by what the bank or the provider knows
    the movement. `counted` is 1 once the balances know it.
    """

    subject: str
    cause: str
    at: datetime
    store_id: str
    currency: str
    postings: tuple[Posting, ...]
    by_sku: dict[str, int] = {}
    campaign: str | None = None
    reference: str | None = None
    counted: int = 0

    @classmethod
    def of(
        cls,
        subject: str,
        cause: str,
        *,
        at: datetime,
        store_id: str,
        currency: str,
        moves: Mapping[str, int],
        by_sku: Mapping[str, int] | None = None,
        campaign: str | None = None,
        reference: str | None = None,
    ) -> "JournalEntry":
        """`moves` are debits, and credits below zero; where nothing moves it has no postings, and is not kept."""
        postings = tuple(Posting(account=account, minor=minor) for account, minor in moves.items() if minor)
        shares = {sku: minor for sku, minor in (by_sku or {}).items() if minor}
        return cls(
            subject=subject,
            cause=cause,
            at=at,
            store_id=store_id,
            currency=currency,
            postings=postings,
            by_sku=shares,
            campaign=campaign,
            reference=reference,
        )

    @model_validator(mode="after")
    def _balances(self) -> Self:
        accounts = {posting.account for posting in self.postings}
        if len(accounts) < len(self.postings) or sum(posting.minor for posting in self.postings) != 0:
            raise ValueError("debits and credits differ, or an account stands there twice")
        for account in accounts:
            kind_of(account)
        if self.by_sku and sum(self.by_sku.values()) != self.earned_minor:
            raise ValueError("what goods earn is not what the entry earns")
        return self

    @property
    def earned_minor(self) -> int:
        return earned({posting.account: posting.minor for posting in self.postings})

    def reversed(self, cause: str, at: datetime) -> "JournalEntry":
        """An entry is never changed: this one takes it back."""
        back = tuple(posting.but(minor=-posting.minor) for posting in self.postings)
        return self.but(
            cause=cause,
            at=at,
            postings=back,
            by_sku={sku: -minor for sku, minor in self.by_sku.items()},
            counted=0,
        )


def earned(moves: Mapping[str, int]) -> int:
    """Income less expenses: what such debits, and credits below zero, leave the shop with."""
    return -sum(minor for account, minor in moves.items() if kind_of(account).type in ("income", "expense"))


def control_of(account: str) -> str:
    """The account by which the balances know it."""
    return account.partition(":")[0] if kind_of(account).subsidiary else account


def kind_of(account: str) -> AccountKind:
    kind, of, what = account.partition(":")
    if kind not in CHART or bool(of) != bool(what):
        raise ValueError(f"no account {account}")
    return CHART[kind]
