"""A buyer's balance with the shop: what they sent ahead or were given back, and pay with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, computed_field

from souk.domains.payments.model.references import BankReference, one_spelling
from souk.kernel import ids
from souk.kernel.caller import HEAD_OFFICE
from souk.kernel.errors import Conflict, Refused
from souk.kernel.journal import JournalEntry
from souk.kernel.paying import OnDevice, PaymentMethod
from souk.kernel.shapes import MAX_MINOR, Currency, Id, Input, Line, Mark, Noun

MovementKind = Literal["top_up", "spent", "refund", "correction", "payout", "disputed"]
# What no payment or refund books with itself, and against which account.
_AGAINST: Mapping[MovementKind, str] = {
    "correction": "balance_corrections",
    "payout": "bank",
    "disputed": "dispute_losses",
}


class BalanceTooLow(Conflict):
    title = "The balance is lower than that"


class TopUpKeyReused(Conflict):
    title = "This Idempotency-Key was used for another top-up"


class CorrectionReferenceUsed(Conflict):
    title = "The balance has another correction of that reference"


class PayoutReferenceUsed(Conflict):
    title = "There is another payout with this reference of the bank"


class NothingCorrected(Refused):
    title = "A correction gives something or takes it"


class Wallet(Noun):
    """Of `held_minor` orders that await their payment will be paid; until then it is the buyer's, as the rest is."""

    buyer_id: str
    currency: str
    available_minor: int = 0
    held_minor: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def balance_minor(self) -> int:
        return self.available_minor + self.held_minor


class WalletMovement(Noun):
    """What changed a balance, by what caused it: a top-up, an order, a refund, a dispute of what was given, or staff's
    hand. Each changes it once.

    `about` is the order that was paid or refunded, or the reference of the correction or payout.
    """

    buyer_id: str
    currency: str
    movement_id: str
    kind: MovementKind
    amount_minor: int
    about: str
    at: datetime
    reason: Annotated[str | None, Mark.WITHHELD] = None

    def need_same(self, made: "WalletMovement") -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        if (self.amount_minor, self.reason) != (made.amount_minor, made.reason):
            raise self.reference_used()

    def reference_used(self) -> Conflict:
        used = PayoutReferenceUsed if self.kind == "payout" else CorrectionReferenceUsed
        return used(movement_id=self.movement_id)

    def entry(self) -> JournalEntry:
        """A correction is the shop's expense, a payout leaves its bank, and what is taken from a balance because a bank
        has taken it too is lost no more; all other movements are of payments.
        """
        moves = {_AGAINST[self.kind]: self.amount_minor, "wallet": -self.amount_minor}
        return JournalEntry.of(
            self.movement_id,
            self.kind,
            at=self.at,
            store_id=HEAD_OFFICE,
            currency=self.currency,
            moves=moves,
            reference=self.about if self.kind == "payout" else None,
        )


class TopUp(OnDevice):
    """Money sent ahead in the shop's currency."""

    amount_minor: Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
    method: PaymentMethod = "card"


class WalletCorrection(Input):
    """What staff give (or, below zero, take) where the balance is wrong. The reference is the client's: sent twice, it
    is one correction.
    """

    reference: Id
    currency: Currency
    amount_minor: Annotated[int, Field(strict=True, ge=-MAX_MINOR, le=MAX_MINOR)]
    reason: Line

    def movement(self, buyer_id: str, at: datetime) -> WalletMovement:
        if not self.amount_minor:
            raise NothingCorrected()
        return WalletMovement(
            buyer_id=buyer_id,
            currency=self.currency,
            movement_id=ids.derived("cor", buyer_id, self.currency, self.reference),
            kind="correction",
            amount_minor=self.amount_minor,
            about=self.reference,
            at=at,
            reason=self.reason,
        )


class Payout(Input):
    """What staff transfer to a member who wants their balance back; entered first, so that it is not spent meanwhile.

    `bank_reference` is that of the transfer: sent twice, it is one, and of one member.
    """

    bank_reference: BankReference
    currency: Currency
    amount_minor: Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]
    reason: Line

    def movement(self, buyer_id: str, at: datetime) -> WalletMovement:
        return WalletMovement(
            buyer_id=buyer_id,
            currency=self.currency,
            movement_id=ids.derived("out", one_spelling(self.bank_reference)),
            kind="payout",
            amount_minor=-self.amount_minor,
            about=self.bank_reference,
            at=at,
            reason=self.reason,
        )
