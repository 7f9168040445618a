"""Every movement of money is written here, beside the noun that it changes and in the same transaction."""

from datetime import datetime

from souk.domains.payments.model.money import EventKind, MoneyEvent
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
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
) -> None:
    """Refused where this effect has been written already."""
    unit.add(
        keys.MONEY_EVENT,
        MoneyEvent(
            order_id=about.order_id,
            kind=kind,
            subject=subject,
            amount_minor=amount_minor,
            currency=about.currency,
            method=about.method,
            at=at,
            transaction_number=transaction_number,
        ),
    )


def note_refund(unit: Unit, refund: Refund, kind: EventKind, at: datetime, provider_id: str | None = None) -> None:
    note(unit, refund, kind, refund.refund_id, refund.amount_minor, at, provider_id)
