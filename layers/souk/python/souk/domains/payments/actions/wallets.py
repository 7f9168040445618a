"""What buyers have with the shop: counted under a condition, each change with the movement that tells of it.

But for what staff enter by hand and what is reclaimed, the movement is booked by the payment or the refund that it is
of, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime

from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.domains.payments.model.wallet import BalanceTooLow, MovementKind, WalletMovement
from souk.domains.payments.store import wallets as store
from souk.kernel import clock, ids
from souk.kernel.errors import Refusal
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import at_least
from souk.table.unit import ChangedMeanwhile, Unit


def hold(unit: Unit, payment: Payment) -> None:
    """Set aside for the payment, so that nothing else is paid with it; BalanceTooLow where there is less."""
    _count(unit, payment, available=-payment.from_balance_minor, held=payment.from_balance_minor)


def let_go(unit: Unit, payment: Payment) -> None:
    """The payment ends unpaid: what was held for it can be spent again."""
    _count(unit, payment, available=payment.from_balance_minor, held=-payment.from_balance_minor)


def spend(unit: Unit, payment: Payment, at: datetime, *, held: bool) -> None:
    """The payment takes what was held for it, or what is there where nothing is held any more."""
    spent = payment.from_balance_minor
    _count(unit, payment, available=0 if held else -spent, held=-spent if held else 0)
    unit.add(keys.WALLET_MOVEMENT, _movement(payment, payment.order_id, "spent", -spent, at))


def top_up(unit: Unit, payment: Payment, amount_minor: int, at: datetime) -> None:
    _count(unit, payment, available=amount_minor)
    unit.add(keys.WALLET_MOVEMENT, _movement(payment, payment.order_id, "top_up", amount_minor, at))


def give_back(unit: Unit, refunds: Sequence[Refund]) -> None:
    """Out of several funds it is one movement, by the name of the first refund."""
    first, total_minor = refunds[0], sum(refund.amount_minor for refund in refunds)
    _count(unit, first, available=total_minor)
    unit.add(keys.WALLET_MOVEMENT, _movement(first, first.refund_id, "refund", total_minor, first.asked_at))


def reclaim(unit: Unit, payment: Payment, cause: str, amount_minor: int) -> None:
    """Taken from what it was given, for the buyer's bank has taken it back too; below nothing, it gets it again."""
    made = _movement(payment, ids.derived("dsp", cause), "disputed", -amount_minor, clock.now())
    _count(unit, payment, available=-amount_minor, otherwise=ChangedMeanwhile())
    unit.add(keys.WALLET_MOVEMENT, made)
    unit.book(made.entry())


def enter(made: WalletMovement) -> WalletMovement:
    """What staff enter by hand, and book with it; the same reference is the same movement.

    A payout is booked by its bank reference alone, so that one transfer is taken from one balance.
    """

    def once() -> WalletMovement:
        if found := store.find_movement(made):
            found.need_same(made)
            return found
        with Unit() as unit:
            unit.because(made.reason)
            unit.add(keys.WALLET_MOVEMENT, made, otherwise=ChangedMeanwhile())
            _count(unit, made, available=made.amount_minor)
            unit.book(made.entry(), otherwise=made.reference_used())
            return made

    return again(once)


def _count(
    unit: Unit,
    whose: Payment | Refund | WalletMovement,
    *,
    available: int = 0,
    held: int = 0,
    otherwise: Refusal | None = None,
) -> None:
    """Nothing is ever below zero; a wallet begins with what it is first given."""
    add = {name: minor for name, minor in (("available_minor", available), ("held_minor", held)) if minor}
    unit.change(
        keys.WALLET,
        buyer_id=whose.buyer_id,
        currency=whose.currency,
        add=add,
        only_if=tuple(at_least(name, -minor) for name, minor in add.items() if minor < 0),
        otherwise=otherwise or BalanceTooLow(asked_minor=-min(available, held)),
    )


def _movement(
    whose: Payment | Refund, movement_id: str, kind: MovementKind, amount_minor: int, at: datetime
) -> WalletMovement:
    return WalletMovement(
        buyer_id=whose.buyer_id,
        currency=whose.currency,
        movement_id=movement_id,
        kind=kind,
        amount_minor=amount_minor,
        about=whose.order_id,
        at=at,
    )
