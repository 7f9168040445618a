"""What comes in for an order: taken, found to be paid, given up, and moved to the orders that come of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from souk.domains.payments import events
from souk.domains.payments.actions import mandates, refunds, wallets
from souk.domains.payments.actions.attempts import answer_of
from souk.domains.payments.actions.movements import note
from souk.domains.payments.events import SaleContext
from souk.domains.payments.model import budget, regrouping
from souk.domains.payments.model.attempt import Answer
from souk.domains.payments.model.fund import Fund, RefundTooHigh, Share, joined, shared_out
from souk.domains.payments.model.money import EventKind
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import Refund
from souk.gateways.providers import Intent
from souk.kernel import clock, settings
from souk.kernel.paying import BALANCE, BANK, KEEPABLE
from souk.table import keys
from souk.table.conditions import at_least
from souk.table.unit import Unit


def take(unit: Unit, payment: Payment, *, method: str, reference: str | None, at: datetime) -> Payment:
    """What was paid at a till; `reference` is the terminal's."""
    taken = unit.save(keys.PAYMENT, payment.taken(method))
    note(unit, taken, "charge", reference or "till", taken.amount_minor, at, reference)
    return taken


def settle(
    unit: Unit, payment: Payment, intent: Intent, *, order_awaits: bool, may_revive: bool, at: datetime
) -> Outcome:
    """Writes down what the intent means for the payment; the caller moves the order where it was captured, authorised,
    or has lapsed: of that nothing is written here.

    What comes late is held where it `may_revive` the order, and otherwise owed back at once.
    """
    answer = answer_of(intent)
    outcome = payment.judge(answer, order_awaits=order_awaits, live_money=settings.live_money())
    if outcome is Outcome.CAPTURED:
        unit.save(keys.PAYMENT, _without_others(unit, payment, answer.intent_id).captured(answer))
        _note_charge(unit, payment, answer, at, "top_up" if payment.top_up else "charge")
        if payment.top_up:
            wallets.top_up(unit, payment, payment.due_minor, at)
        _spend_balance(unit, payment, at)
    elif outcome is Outcome.AUTHORISED:
        unit.save(keys.PAYMENT, payment.authorised(answer, at))
    elif outcome is Outcome.LATE:
        held = payment.held(answer)
        _let_balance_go(unit, payment)
        if may_revive and held.status == "voided":
            _hold(unit, held, answer, at)
        else:
            return_late(unit, held, answer.intent_id, at=at, kind="charge")
    elif outcome is Outcome.CANCELED:
        unit.save(keys.PAYMENT, mandates.give_up(unit, payment).heard(answer, "canceled"))
    elif outcome is Outcome.DECLINED:
        unit.save(keys.PAYMENT, mandates.give_up(unit, payment).heard(answer, "declined"))
        about = payment.model_dump(include={*events.PaymentFailed.model_fields})
        unit.tell(events.PaymentFailed(**about, decline_code=answer.decline_code or ""))
    return outcome


def cover(unit: Unit, payment: Payment, *, at: datetime) -> None:
    """Takes all that is to be paid from the balance, where it was held."""
    unit.save(keys.PAYMENT, payment.covered())
    _spend_balance(unit, payment, at)


def return_late(
    unit: Unit, payment: Payment, intent_id: str, *, at: datetime, kind: EventKind = "charge_decided"
) -> None:
    """All of what came for an order that was over, or was paid, is owed back."""
    returned, paid = unit.save(keys.PAYMENT, payment.returned(intent_id)), payment.through(intent_id)
    _note_late(unit, paid, intent_id, kind, at)
    refunds.owe_late(unit, returned.but(method=paid.method, provider=paid.provider), intent_id)


def revive(unit: Unit, payment: Payment, intent_id: str, store_id: str) -> None:
    """What came for an order that was over pays for it after all; BalanceTooLow where the balance has not its part."""
    revived, at = unit.save(keys.PAYMENT, payment.revived(intent_id, store_id)), clock.now()
    _note_late(unit, revived, intent_id, "charge_decided", at)
    _spend_balance(unit, revived, at, held=False)


def void(unit: Unit, payment: Payment) -> Payment:
    """The payment ends unpaid; only after `attempts.stop`. What was transferred of it goes back."""
    _let_balance_go(unit, payment)
    voided = unit.save(keys.PAYMENT, mandates.give_up(unit, payment).voided())
    if payment.received_minor:
        refunds.owe_transferred(unit, voided, "part", payment.received_minor, "too little was transferred")
    return voided


def let_go(unit: Unit, payment: Payment, sale: SaleContext) -> None:
    """What was only authorised is never taken; only after `attempts.stop`, or where the bank let go of it itself."""
    void(unit, payment)
    about = payment.model_dump(include={*events.PaymentLetGo.model_fields})
    unit.tell(events.PaymentLetGo(**about, sale=sale))


def hand_over(unit: Unit, payment: Payment, store_id: str) -> Payment:
    """The money of an order that another store serves is that store's to see."""
    return unit.save(keys.PAYMENT, payment.but(store_id=store_id))


def divide(unit: Unit, payment: Payment, shares: Sequence[Share]) -> None:
    """The money of an order becomes that of its parts."""
    emptied = unit.save(keys.PAYMENT, regrouping.emptied(payment))
    funds = shared_out(payment.sources, [share.amount_minor for share in shares])
    for share, drawn in zip(shares, funds, strict=True):
        _move(unit, [(emptied, share.amount_minor)], share, drawn)


def join(unit: Unit, payments: Sequence[Payment], into: Share) -> None:
    """The money of several orders becomes that of the one they were merged into."""
    moved = [(unit.save(keys.PAYMENT, regrouping.emptied(payment)), payment.amount_minor) for payment in payments]
    _move(unit, moved, into, joined(fund for one in payments for fund in one.sources))


def pledge(unit: Unit, payment: Payment, amount_minor: int) -> None:
    """Kept for goods that are to be exchanged; it is paid back for nothing else meanwhile."""
    unit.change(
        keys.PAYMENT,
        order_id=payment.order_id,
        add={"refundable_minor": -amount_minor, "pledged_minor": amount_minor},
        only_if=(at_least("refundable_minor", amount_minor),),
        otherwise=RefundTooHigh(left_minor=payment.refundable_minor, asked_minor=amount_minor),
    )


def release(unit: Unit, order_id: str, amount_minor: int) -> None:
    """Pledged no more: the goods are not exchanged."""
    unit.change(
        keys.PAYMENT,
        order_id=order_id,
        add={"refundable_minor": amount_minor, "pledged_minor": -amount_minor},
        only_if=(at_least("pledged_minor", amount_minor),),
    )


def hand_on(
    unit: Unit,
    payment: Payment,
    into: Share,
    begun: Payment | None,
    *,
    pledged_minor: int,
    sale: SaleContext,
    made: Iterable[Refund],
) -> Payment:
    """What was pledged of a payment pays for other goods, beside what was paid for them already where they are dearer.

    `into` is the part that it pays; the rest of the pledge is the caller's to pay out. The payment after that.
    """
    at, drawn = clock.now(), budget.drawn(payment, into.amount_minor, made)
    after = unit.save(keys.PAYMENT, regrouping.handed_on(payment, pledged_minor, drawn))
    filled = regrouping.made_up(begun, drawn) if begun else regrouping.made_for(into, payment, drawn)
    unit.save(keys.PAYMENT, filled)
    note(unit, payment, "moved_out", into.order_id, into.amount_minor, at)
    note(unit, filled, "moved_in", payment.order_id, into.amount_minor, at)
    unit.tell(
        events.GoodsExchanged(
            order_id=payment.order_id, amount_minor=into.amount_minor, currency=payment.currency, sale=sale
        )
    )
    return after


def _move(unit: Unit, moved: Sequence[tuple[Payment, int]], to: Share, funds: Sequence[Fund]) -> None:
    """A payment that begins with the money of others: each movement stands on both sides."""
    at, like = clock.now(), moved[0][0]
    made = unit.save(keys.PAYMENT, regrouping.made_for(to, like, funds))
    for payment, amount_minor in moved:
        note(unit, payment, "moved_out", made.order_id, amount_minor, at)
        note(unit, made, "moved_in", payment.order_id, amount_minor, at)


def _without_others(unit: Unit, payment: Payment, intent_id: str) -> Payment:
    """Nothing is charged to a kept method for what another has paid, and what was transferred of it goes back."""
    paid = payment.through(intent_id)
    if paid.method != KEEPABLE:
        payment = mandates.give_up(unit, payment)
    part = payment.received_minor
    if not part or paid.provider == BANK:
        return payment
    refunds.owe_transferred(unit, payment, "part", part, "paid otherwise")
    return payment.but(captured_minor=payment.captured_minor + part)


def _spend_balance(unit: Unit, payment: Payment, at: datetime, *, held: bool = True) -> None:
    if payment.from_balance_minor:
        wallets.spend(unit, payment, at, held=held)
        by_balance = payment.but(method=BALANCE, provider=BALANCE)
        note(unit, by_balance, "charge", BALANCE, payment.from_balance_minor, at)


def _let_balance_go(unit: Unit, payment: Payment) -> None:
    if payment.from_balance_minor and payment.status == "awaiting":
        wallets.let_go(unit, payment)


def _hold(unit: Unit, held: Payment, answer: Answer, at: datetime) -> None:
    unit.save(keys.PAYMENT, held)
    paid = held.through(answer.intent_id)
    if paid.provider != BANK:  # what was transferred is on suspense already
        _note_late(unit, paid, answer.intent_id, "charge_held", at)
    about = held.model_dump(include={*events.PaidTooLate.model_fields})
    charged = paid.charged_by(paid.provider)
    unit.tell(events.PaidTooLate(**about, intent_id=answer.intent_id, charged=charged))


def _note_late(unit: Unit, payment: Payment, intent_id: str, kind: EventKind, at: datetime) -> None:
    number = next(one.charge_id for one in payment.attempts if one.intent_id == intent_id)
    note(unit, payment, kind, number or intent_id, payment.due_minor, at, number, payment.charged_by(payment.provider))


def _note_charge(unit: Unit, payment: Payment, answer: Answer, at: datetime, kind: EventKind = "charge") -> None:
    paid, number = payment.through(answer.intent_id), answer.charge_id
    charged = paid.charged_by(paid.provider)
    note(unit, paid, kind, number or answer.intent_id, paid.due_minor, at, number, charged)
