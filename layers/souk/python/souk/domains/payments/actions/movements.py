"""Every movement of money is written here, beside the noun that it changes and in the same transaction."""

from datetime import datetime

from souk.domains.payments.model.money import EventKind, MoneyEvent
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.kernel import clock
from souk.kernel.charging import Sum
from souk.kernel.journal import JournalEntry
from souk.kernel.owner import owner_of
from souk.table import keys
from souk.table.unit import Unit


def note(
    unit: Unit,
    about: Payment | Refund,
    kind: EventKind,
    subject: str,
    amount_minor: int,
    at: datetime,
    transaction_number: str | None = None,
    charged: Sum | None = None,
    by_shop_minor: int = 0,
) -> None:
    """Refused where this effect has been written already. It is booked now, even where it happened on another day.

    The amount is in the shop's money, whatever the buyer was `charged`. Of what a merchant would lose, `by_shop_minor`
    is not its loss.
    """
    event = MoneyEvent(
        order_id=about.order_id,
        kind=kind,
        subject=subject,
        amount_minor=amount_minor,
        currency=about.currency,
        method=about.method,
        provider=about.provider,
        at=at,
        transaction_number=transaction_number,
        charged=charged,
    )
    had_gone = isinstance(about, Refund) and about.status == "posted"
    moves = event.moves(had_gone, about.merchant_id or owner_of(about.store_id), by_shop_minor)
    unit.add(keys.MONEY_EVENT, event.but(cleared_minor=moves.get(event.clearing, 0)))
    entry = JournalEntry.of(
        event.order_id,
        event.effect,
        at=clock.now(),
        store_id=about.store_id,
        currency=event.currency,
        moves=moves,
        reference=transaction_number,
    )
    unit.book(entry)


def note_refund(unit: Unit, refund: Refund, kind: EventKind, at: datetime, provider_id: str | None = None) -> None:
    """`refund` as it was before."""
    note(unit, refund, kind, refund.refund_id, refund.amount_minor, at, provider_id, refund.charged)
