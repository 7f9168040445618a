"""A buyer's balance with the shop: what they sent ahead or were given back, and pay with."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, computed_field

from souk.kernel.caller import HEAD_OFFICE, is_guest, is_walk_in
from souk.kernel.errors import Conflict, Refused
from souk.kernel.journal import JournalEntry
from souk.kernel.paying import OnDevice, PaymentMethod, RefundTo
from souk.kernel.shapes import MAX_MINOR, Currency, Id, Input, Line, Mark, Noun

MovementKind = Literal["top_up", "spent", "refund", "correction"]


class BalanceTooLow(Conflict):
    title = "The balance is lower than that"


class TopUpKeyReused(Conflict):
    title = "This Idempotency-Key was used for another top-up"


class CorrectionReferenceUsed(Conflict):
    title = "The balance has another correction of that reference"


class NoBalance(Refused):
    title = "Only a member of the shop has a balance with it"


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
    """What changed a balance, by what caused it: a top-up, an order, a refund, a correction. Each changes it once.

    `about` is the order that was paid or refunded, or the reference of the correction.
    """

    buyer_id: str
    currency: str
    movement_id: str
    kind: MovementKind
    amount_minor: int
    about: str
    at: datetime
    reason: Annotated[str | None, Mark.WITHHELD] = None

    def need_same(self, draft: "WalletCorrection") -> None:
        """A repeated command meets its own first run; another under the same reference is refused."""
        if (self.amount_minor, self.reason) != (draft.amount_minor, draft.reason):
            raise CorrectionReferenceUsed(movement_id=self.movement_id)

    def entry(self) -> JournalEntry:
        """What a correction gives the shop spends; every other movement is booked as one of its payment."""
        moves = {"balance_corrections": self.amount_minor, "wallet": -self.amount_minor}
        return JournalEntry.of(
            self.movement_id, self.kind, at=self.at, store_id=HEAD_OFFICE, currency=self.currency, moves=moves
        )


def need_balance(buyer_id: str, to: RefundTo) -> None:
    """What guests and walk-ins were given there nobody could spend."""
    if to == "balance" and (is_walk_in(buyer_id) or is_guest(buyer_id)):
        raise NoBalance()


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

    def need_something(self) -> None:
        if not self.amount_minor:
            raise NothingCorrected()
