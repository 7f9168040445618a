"""What comes in for an order: taken, found to be paid, given up, and moved to the orders that come of it."""

from collections.abc import Sequence
from datetime import datetime

from souk.domains.payments import events
from souk.domains.payments.actions import refunds
from souk.domains.payments.actions.attempts import answer_of
from souk.domains.payments.actions.movements import note
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Answer, Fund, Payment, Share, shared_out, together
from souk.gateways.providers import Intent
from souk.kernel import clock, settings
from souk.table import keys
from souk.table.unit import Unit


def await_payment(unit: Unit, payment: Payment) -> Payment:
    return unit.save(keys.PAYMENT, payment)


def take(unit: Unit, payment: Payment, *, method: str, reference: str | None, at: datetime) -> Payment:
    """What was paid at a till; `reference` is the terminal's."""
    taken = unit.save(keys.PAYMENT, payment.taken(method))
    note(unit, taken, "charge", reference or "till", taken.amount_minor, at, reference)
    return taken


def settle(unit: Unit, payment: Payment, intent: Intent, *, order_awaits: bool, at: datetime) -> Outcome:
    """Writes down what the intent means for the payment; the caller moves the order where it was captured."""
    answer = answer_of(intent)
    outcome = payment.judge(answer, order_awaits=order_awaits, live_money=settings.live_money())
    if outcome is Outcome.CAPTURED:
        unit.save(keys.PAYMENT, payment.captured(answer))
        _note_charge(unit, payment, answer, at)
    elif outcome is Outcome.LATE:
        unit.save(keys.PAYMENT, payment.captured_late(answer))
        _note_charge(unit, payment, answer, at)
        refunds.owe_late(unit, payment.through(answer.intent_id), answer)
    elif outcome is Outcome.CANCELED:
        unit.save(keys.PAYMENT, payment.heard(answer, "canceled"))
    elif outcome is Outcome.DECLINED:
        unit.save(keys.PAYMENT, payment.heard(answer, "declined"))
        about = payment.model_dump(include={*events.PaymentFailed.model_fields})
        unit.tell(events.PaymentFailed(**about, decline_code=answer.decline_code or ""))
    return outcome


def void(unit: Unit, payment: Payment) -> Payment:
    """The payment ends unpaid; only after `attempts.stop`."""
    return unit.save(keys.PAYMENT, payment.voided())


def hand_over(unit: Unit, payment: Payment, store_id: str) -> Payment:
    """The money of an order that another store serves is that store's to see."""
    return unit.save(keys.PAYMENT, payment.but(store_id=store_id))


def divide(unit: Unit, payment: Payment, shares: Sequence[Share]) -> None:
    """The money of an order becomes that of its parts."""
    emptied = unit.save(keys.PAYMENT, payment.emptied())
    funds = shared_out(payment.sources, [share.amount_minor for share in shares])
    for share, drawn in zip(shares, funds, strict=True):
        _move(unit, [(emptied, share.amount_minor)], share, drawn)


def join(unit: Unit, payments: Sequence[Payment], into: Share) -> None:
    """The money of several orders becomes that of the one they were merged into."""
    moved = [(unit.save(keys.PAYMENT, payment.emptied()), payment.amount_minor) for payment in payments]
    _move(unit, moved, into, together(fund for payment in payments for fund in payment.sources))


def _move(unit: Unit, moved: Sequence[tuple[Payment, int]], to: Share, funds: Sequence[Fund]) -> None:
    """A payment that begins with the money of others: each movement stands on both sides."""
    at, like = clock.now(), moved[0][0]
    made = unit.save(keys.PAYMENT, like.made_for(to, funds))
    for payment, amount_minor in moved:
        note(unit, payment, "moved_out", made.order_id, amount_minor, at)
        note(unit, made, "moved_in", payment.order_id, amount_minor, at)


def _note_charge(unit: Unit, payment: Payment, answer: Answer, at: datetime) -> None:
    paid = payment.through(answer.intent_id)
    note(unit, paid, "charge", answer.charge_id or answer.intent_id, answer.received_minor, at, answer.charge_id)
