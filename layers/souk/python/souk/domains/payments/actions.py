"""What is done with payments: begun, settled by what the provider says, given up, and paid back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from souk.domains.payments import events, store
from souk.domains.payments.events import SaleContext
from souk.domains.payments.model.money import EventKind, MoneyEvent
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import (
    Answer,
    Fund,
    NothingToPay,
    Payment,
    PaymentUndecided,
    Share,
    shared_out,
    together,
)
from souk.domains.payments.model.refund import NotFailed, Refund, RefundAnswer, RefundTooHigh
from souk.domains.payments.model.views import PaymentStart
from souk.gateways import stripe as gateway
from souk.kernel import clock, ids, settings
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import Present, at_least, version
from souk.table.unit import ChangedMeanwhile, Unit


def new_payment(
    *, order_id: str, buyer_id: str, store_id: str, amount_minor: int, currency: str, deadline: datetime
) -> Payment:
    return Payment(
        order_id=order_id,
        buyer_id=buyer_id,
        store_id=store_id,
        amount_minor=amount_minor,
        currency=currency,
        deadline=deadline,
    )


def open_payment(unit: Unit, payment: Payment) -> Payment:
    return unit.save(keys.PAYMENT, payment)


def take(unit: Unit, payment: Payment, *, method: str, reference: str | None, at: datetime) -> Payment:
    """What was paid at a till; `reference` is the terminal's."""
    taken = unit.save(keys.PAYMENT, payment.taken(method))
    _note(unit, taken, "charge", reference or "till", taken.amount_minor, at, reference)
    return taken


def start_attempt(order_id: str, payment: Payment | None = None) -> PaymentStart:
    """What the buyer's browser needs; asked again it is the same intent, and another only once that is canceled.

    An intent is handed out only after its id is kept, so one whose id was lost can be paid by nobody: that the
    provider forgets its key after a day, and makes another in its place, charges nobody twice.
    """
    try:
        return _start(payment or store.of_order(order_id))
    except ChangedMeanwhile:
        return again(lambda: _start(store.of_order(order_id)))


def stop(payment: Payment) -> gateway.Intent | None:
    """After this the provider takes no money (None), or has taken it: then the intent, to be settled."""
    if payment.live is None:
        return None
    intent = gateway.cancel_intent(payment.live)
    if intent.status == "canceled":
        return None
    if intent.status != "succeeded":
        raise PaymentUndecided()
    return intent


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


def void(unit: Unit, payment: Payment) -> Payment:
    """The payment ends unpaid; only after `stop`."""
    return unit.save(keys.PAYMENT, payment.voided())


def settle(unit: Unit, payment: Payment, intent: gateway.Intent, *, order_awaits: bool, at: datetime) -> Outcome:
    """Writes down what the intent means for the payment; the caller moves the order where it was captured."""
    answer = answer_of(intent)
    outcome = payment.judge(answer, order_awaits=order_awaits, live_money=settings.live_money())
    if outcome is Outcome.CAPTURED:
        unit.save(keys.PAYMENT, payment.captured(answer))
        _note_charge(unit, payment, answer, at)
    elif outcome is Outcome.LATE:
        unit.save(keys.PAYMENT, payment.captured_late(answer))
        _note_charge(unit, payment, answer, at)
        refund_id = ids.derived("rfd", payment.order_id, answer.intent_id)
        _owe(unit, payment, refund_id, answer.intent_id, answer.received_minor, cause="paid too late")
    elif outcome is Outcome.CANCELED:
        unit.save(keys.PAYMENT, payment.heard(answer, "canceled"))
    elif outcome is Outcome.DECLINED:
        unit.save(keys.PAYMENT, payment.heard(answer, "declined"))
        unit.tell(
            events.PaymentFailed(
                order_id=payment.order_id,
                buyer_id=payment.buyer_id,
                store_id=payment.store_id,
                amount_minor=payment.amount_minor,
                currency=payment.currency,
                decline_code=answer.decline_code or "",
            )
        )
    return outcome


def answer_of(intent: gateway.Intent) -> Answer:
    return Answer(
        intent_id=intent.id,
        order_id=intent.order_id,
        live=intent.livemode,
        status=intent.status,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
        received_minor=intent.received_minor,
        charge_id=intent.charge_id,
        decline_code=intent.decline_code,
    )


def owe_refund(
    unit: Unit,
    payment: Payment,
    *,
    refund_id: str,
    amount_minor: int,
    cause: str,
    sale: SaleContext | None,
    case_id: str | None = None,
    made: Iterable[Refund] = (),
    intent_id: str | None = None,
) -> list[Refund]:
    """Sets the amount aside from what is left of the payment; the provider is asked afterwards, by `RefundOwed`.

    What was paid at a till is given back there: with the word of staff it is done. Where the payment has several
    funds, what the refunds that were `made` have left of the first may not be enough: then it is several refunds, of
    which the first alone tells what was returned.
    """
    too_high = RefundTooHigh(left_minor=payment.refundable_minor, asked_minor=amount_minor)
    if not 0 < amount_minor <= payment.refundable_minor:
        raise too_high
    enough, several = at_least("refundable_minor", amount_minor), len(payment.funds) > 1
    unit.change(
        keys.PAYMENT,
        order_id=payment.order_id,
        add={"refundable_minor": -amount_minor},
        only_if=(enough, version(payment.version)) if several else (enough,),
        otherwise=ChangedMeanwhile() if several else too_high,
    )
    if payment.at_till:
        return [_give_back(unit, payment, refund_id, amount_minor, cause, sale, case_id)]
    drawn = (Fund(intent_id=intent_id, amount_minor=amount_minor),) if intent_id else payment.drawn(amount_minor, made)
    owed = [_owe(unit, payment, refund_id, drawn[0].intent_id, drawn[0].amount_minor, cause, sale, case_id)]
    only_money = sale and sale.but(first=False, lines=())
    for fund in drawn[1:]:
        another = ids.derived("rfd", refund_id, fund.intent_id)
        owed.append(_owe(unit, payment, another, fund.intent_id, fund.amount_minor, cause, only_money, case_id))
    return owed


def send_refund(unit: Unit, order_id: str, refund_id: str) -> Outcome:
    """Asks the provider for the refund, or how it stands, and writes down the answer."""
    refund = store.refund(order_id, refund_id)
    return settle_refund(unit, refund, _ask(refund)) if refund.status == "pending" else Outcome.NOTHING_NEW


def look_at_refund(unit: Unit, order_id: str, refund_id: str) -> Outcome:
    """Asks whether money that had gone out has come back, which its webhook may have failed to tell."""
    refund = store.refund(order_id, refund_id)
    if refund.status != "posted":
        return Outcome.NOTHING_NEW
    outcome = settle_refund(unit, refund, _ask(refund))
    if outcome is not Outcome.REFUND_FAILED:
        unit.save(keys.REFUND, refund.looked_at(clock.now()))
    return outcome


def settle_refund(unit: Unit, refund: Refund, answer: RefundAnswer) -> Outcome:
    """One effect of each answer, from wherever and however often it comes. A failed refund gives its budget back."""
    outcome, at = refund.judge(answer), clock.now()
    about = refund.model_dump(include={*events.RefundOwed.model_fields})
    if outcome is Outcome.REFUND_SENT:
        unit.save(keys.REFUND, refund.heard(answer, "pending"))
    elif outcome is Outcome.REFUND_POSTED:
        unit.save(keys.REFUND, refund.posted(answer, at))
        _note(unit, refund, "refund_posted", refund.refund_id, refund.amount_minor, at, answer.provider_id)
        unit.tell(events.RefundPosted(**about, sale=_sale_of(refund)))
    elif outcome is Outcome.REFUND_FAILED:
        unit.save(keys.REFUND, refund.heard(answer, "voided"))
        _note(unit, refund, "refund_failed", refund.refund_id, refund.amount_minor, at, answer.provider_id)
        unit.change(
            keys.PAYMENT, order_id=refund.order_id, add={"refundable_minor": refund.amount_minor}, only_if=(Present(),)
        )
        unit.tell(
            events.RefundFailed(
                **about,
                store_id=refund.store_id,
                reason=answer.failure_reason or "unknown",
                was_posted=refund.status == "posted",
                sale=_sale_of(refund),
            )
        )
    return outcome


def hold(unit: Unit, refunds: Iterable[Refund]) -> None:
    """The Unit's writes hold only while these refunds are as they were read."""
    for refund in refunds:
        unit.check(
            keys.REFUND,
            version(refund.version),
            order_id=refund.order_id,
            refund_id=refund.refund_id,
            otherwise=ChangedMeanwhile(),
        )


def refund_answer_of(said: gateway.Refund) -> RefundAnswer:
    return RefundAnswer(
        provider_id=said.id,
        status=said.status,
        amount_minor=said.amount_minor,
        currency=said.currency,
        failure_reason=said.failure_reason,
    )


def retry_refund(payment: Payment, refund_id: str) -> Refund:
    """Another refund in the place of one that failed; a second try of the same one is refused."""
    failed = store.refund(payment.order_id, refund_id)
    if failed.status != "voided":
        raise NotFailed(state=failed.status)
    if len(payment.funds) > 1:
        return again(lambda: _retry(store.of_order(payment.order_id), failed, store.refunds(payment.order_id)))
    return _retry(payment, failed, made=(), intent_id=failed.intent_id)


def _retry(payment: Payment, failed: Refund, made: Iterable[Refund], intent_id: str | None = None) -> Refund:
    """Of several funds another one may have to serve, where this one's was used up meanwhile."""
    with Unit() as unit:
        return owe_refund(
            unit,
            payment,
            refund_id=ids.derived("rfd", failed.refund_id),
            amount_minor=failed.amount_minor,
            cause=failed.cause,
            sale=_sale_of(failed),
            case_id=failed.case_id,
            made=made,
            intent_id=intent_id,
        )[0]


def _start(payment: Payment) -> PaymentStart:
    payment.need_awaiting()
    intent = gateway.get_intent(payment.live) if payment.live else None
    if intent and intent.status == "canceled":
        payment, intent = payment.heard(answer_of(intent), "canceled"), None
    if intent is None:
        intent = _new_intent(payment)
    if intent.status == "succeeded":
        raise NothingToPay(state=intent.status)
    return PaymentStart(
        intent_id=intent.id, client_secret=intent.client_secret, publishable_key=gateway.publishable_key()
    )


def _new_intent(payment: Payment) -> gateway.Intent:
    try:
        intent = gateway.create_intent(
            order_id=payment.order_id,
            attempt=payment.next_number(),
            amount_minor=payment.amount_minor,
            currency=payment.currency,
        )
    except gateway.PaymentProviderFailed:
        with Unit() as unit:
            unit.save(keys.PAYMENT, payment.lost())
        raise
    with Unit() as unit:
        unit.save(keys.PAYMENT, payment.started(intent.id))
    return intent


def _owe(
    unit: Unit,
    payment: Payment,
    refund_id: str,
    intent_id: str,
    amount_minor: int,
    cause: str,
    sale: SaleContext | None = None,
    case_id: str | None = None,
) -> Refund:
    new = _new_refund(payment, refund_id, intent_id, amount_minor, cause, sale, case_id)
    refund = unit.save(keys.REFUND, new)
    _note(unit, refund, "refund_owed", refund_id, amount_minor, refund.asked_at)
    unit.tell(events.RefundOwed(**refund.model_dump(include={*events.RefundOwed.model_fields})))
    return refund


def _give_back(
    unit: Unit,
    payment: Payment,
    refund_id: str,
    amount_minor: int,
    cause: str,
    sale: SaleContext | None,
    case_id: str | None,
) -> Refund:
    new = _new_refund(payment, refund_id, "", amount_minor, cause, sale, case_id)
    refund = unit.save(keys.REFUND, new.but(status="posted"))
    _note(unit, refund, "refund_posted", refund_id, amount_minor, refund.asked_at)
    about = refund.model_dump(include={*events.RefundOwed.model_fields})
    unit.tell(events.RefundPosted(**about, sale=sale))
    return refund


def _new_refund(
    payment: Payment,
    refund_id: str,
    intent_id: str,
    amount_minor: int,
    cause: str,
    sale: SaleContext | None,
    case_id: str | None,
) -> Refund:
    return Refund(
        refund_id=refund_id,
        order_id=payment.order_id,
        buyer_id=payment.buyer_id,
        store_id=payment.store_id,
        intent_id=intent_id,
        method=payment.method,
        currency=payment.currency,
        amount_minor=amount_minor,
        cause=cause,
        case_id=case_id,
        asked_at=clock.now(),
        sale=sale.model_dump(mode="json") if sale else None,
    )


def _sale_of(refund: Refund) -> SaleContext | None:
    return SaleContext.model_validate(refund.sale) if refund.sale else None


def _ask(refund: Refund) -> RefundAnswer:
    if refund.provider_id:
        return refund_answer_of(gateway.get_refund(refund.provider_id))
    # Looked up first: the key is forgotten after a day, and what it repeats until then may be out of date.
    made = next((one for one in gateway.refunds_of(refund.intent_id) if one.refund_id == refund.refund_id), None)
    if made:
        return refund_answer_of(made)
    try:
        return refund_answer_of(
            gateway.refund(
                order_id=refund.order_id,
                refund_id=refund.refund_id,
                intent_id=refund.intent_id,
                amount_minor=refund.amount_minor,
            )
        )
    except gateway.PaymentRefused as refused:
        return RefundAnswer(
            provider_id=None,
            status="failed",
            amount_minor=refund.amount_minor,
            currency=refund.currency,
            failure_reason=str(refused.facts["reason"]),
        )


def _move(unit: Unit, moved: Sequence[tuple[Payment, int]], to: Share, funds: Sequence[Fund]) -> None:
    """A payment that begins with the money of others: each movement stands on both sides."""
    at, like = clock.now(), moved[0][0]
    made = unit.save(
        keys.PAYMENT,
        Payment(
            order_id=to.order_id,
            buyer_id=like.buyer_id,
            store_id=to.store_id,
            currency=like.currency,
            amount_minor=to.amount_minor,
            method=like.method,
            status="captured",
            deadline=like.deadline,
            captured_minor=to.amount_minor,
            refundable_minor=to.amount_minor,
            funds=tuple(funds),
        ),
    )
    for payment, amount_minor in moved:
        _note(unit, payment, "moved_out", made.order_id, amount_minor, at)
        _note(unit, made, "moved_in", payment.order_id, amount_minor, at)


def _note_charge(unit: Unit, payment: Payment, answer: Answer, at: datetime) -> None:
    _note(unit, payment, "charge", answer.charge_id or answer.intent_id, answer.received_minor, at, answer.charge_id)


def _note(
    unit: Unit,
    about: Payment | Refund,
    kind: EventKind,
    subject: str,
    amount_minor: int,
    at: datetime,
    transaction_number: str | None = None,
) -> None:
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
