"""Money back: owed out of what was paid, sent by the provider or given over the counter, and looked after."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from souk.domains.payments import events
from souk.domains.payments.actions import wallets
from souk.domains.payments.actions.movements import note, note_refund
from souk.domains.payments.events import SaleContext
from souk.domains.payments.model import budget
from souk.domains.payments.model.fund import Fund, RefundTooHigh
from souk.domains.payments.model.money import AHEAD, EventKind
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.model.refund import NotFailed, PaidAlready, Refund, RefundAnswer
from souk.domains.payments.store import payments as store
from souk.domains.payments.store import refunds as refund_store
from souk.gateways import payments as providers
from souk.gateways.providers import PaymentRefused
from souk.gateways.providers import Refund as ProviderRefund
from souk.kernel import clock, ids
from souk.kernel.paying import BALANCE, BANK, RefundTo
from souk.table import keys
from souk.table.again import again
from souk.table.conditions import Present, at_least, version
from souk.table.unit import ChangedMeanwhile, Unit


class Due(NamedTuple):
    """What is to be paid back; `sale` is None where the money was never a sale."""

    refund_id: str
    amount_minor: int
    cause: str
    sale: SaleContext | None = None
    case_id: str | None = None
    goodwill: bool = False
    to: RefundTo = "source"


def owe_rest(unit: Unit, payment: Payment, due: Due, *, made: Iterable[Refund]) -> None:
    """What is due for goods, less what goodwill or the buyer's bank has given ahead for them."""
    used = _use(unit, payment, due.refund_id, due.amount_minor)
    rest = due._replace(amount_minor=due.amount_minor + sum(used.values()))
    # What is too little now may have gone to the buyer's bank since it was read: then so much was given ahead.
    _set_aside(unit, payment, rest.amount_minor, used, alone=True)
    if rest.amount_minor:
        pay_out(unit, payment, rest, made=made)


def owe(unit: Unit, payment: Payment, due: Due, *, made: Iterable[Refund] = (), intent_id: str | None = None) -> Refund:
    """Sets the amount aside from what is left of the payment, and pays it out."""
    _set_aside(unit, payment, due.amount_minor, {"goodwill_minor": due.amount_minor} if due.goodwill else {})
    return pay_out(unit, payment, due, made=made, intent_id=intent_id)


def pay_out(
    unit: Unit, payment: Payment, due: Due, *, made: Iterable[Refund] = (), intent_id: str | None = None
) -> Refund:
    """What was set aside; the provider is asked afterwards, by `RefundOwed`.

    What was paid at a till is given back there: with the word of staff it is done, as is what goes to the balance.
    Where the payment has several funds, what the refunds that were `made` have left of the first may not be enough:
    then it is several refunds, of which the first, which is answered, alone tells what was returned.
    """
    drawn = budget.drawn(payment, due.amount_minor, made, intent_id)
    owed = [_pay_back(unit, payment, part, fund) for part, fund in _parts(due, drawn)]
    if to_balance := [refund for refund in owed if refund.provider == BALANCE]:
        wallets.give_back(unit, to_balance)
    return owed[0]


def parts_of(payment: Payment, refund_id: str, made: Iterable[Refund]) -> list[Refund]:
    """Of several funds a refund may be several: that of its own name first."""
    names = [refund_id, *(_part_id(refund_id, fund) for fund in payment.sources)]
    found = {one.refund_id: one for one in made if one.refund_id in names}
    return [found[name] for name in names if name in found]


def owe_late(unit: Unit, payment: Payment, intent_id: str) -> None:
    """All of what came for an order that was over; it was never in the payment's budget."""
    refund_id = ids.derived("rfd", payment.order_id, intent_id)
    _owe(unit, payment, Due(refund_id, payment.due_minor, "paid too late"), payment.fund_of(intent_id))


def owe_transferred(unit: Unit, payment: Payment, subject: str, amount_minor: int, cause: str) -> None:
    """What came by bank, and for nothing that is still to be paid; it was never in the payment's budget."""
    by_bank = payment.but(method="bank_transfer", provider=BANK)
    note(unit, by_bank, "charge", subject, amount_minor, clock.now())
    fund = Fund(intent_id=subject, provider=BANK, method=by_bank.method, amount_minor=amount_minor)
    _owe(unit, by_bank, Due(ids.derived("rfd", payment.order_id, subject), amount_minor, cause), fund)


def send(unit: Unit, order_id: str, refund_id: str) -> Outcome:
    """Asks the provider for the refund, or how it stands, and writes down the answer."""
    refund = refund_store.refund(order_id, refund_id)
    return settle(unit, refund, _ask(refund)) if refund.status == "pending" else Outcome.NOTHING_NEW


def look_at(unit: Unit, order_id: str, refund_id: str) -> Outcome:
    """Asks whether money that had gone out has come back, which its webhook may have failed to tell."""
    refund = refund_store.refund(order_id, refund_id)
    if refund.status != "posted":
        return Outcome.NOTHING_NEW
    outcome = settle(unit, refund, _ask(refund))
    if outcome is not Outcome.REFUND_FAILED:
        unit.save(keys.REFUND, refund.looked_at(clock.now()))
    return outcome


def settle(unit: Unit, refund: Refund, answer: RefundAnswer) -> Outcome:
    """One effect of each answer, from wherever and however often it comes. A failed refund gives its budget back."""
    outcome, at = refund.judge(answer), clock.now()
    if outcome is Outcome.REFUND_SENT:
        unit.save(keys.REFUND, refund.heard(answer, "pending"))
    elif outcome is Outcome.REFUND_POSTED:
        unit.save(keys.REFUND, refund.posted(answer, at))
        note_refund(unit, refund, "refund_posted", at, answer.provider_id)
        unit.tell(events.RefundPosted(**_about(refund), sale=_sale_of(refund)))
    elif outcome is Outcome.REFUND_FAILED:
        made_up_minor = _take_back(unit, refund, answer, at)
        unit.save(keys.REFUND, refund.heard(answer, "voided").but(made_up_minor=made_up_minor))
        unit.tell(
            events.RefundFailed(
                **_about(refund),
                store_id=refund.store_id,
                reason=answer.failure_reason or "unknown",
                was_posted=refund.status == "posted",
                top_up=refund.top_up,
                sale=_sale_of(refund),
            )
        )
    return outcome


def sent_by_hand(order_id: str, refund_id: str, bank_reference: str) -> Refund:
    """Staff have transferred it; said twice it was sent once."""

    def post() -> Refund:
        refund = refund_store.refund(order_id, refund_id)
        if (refund.status, refund.provider_id) == ("posted", bank_reference):
            return refund
        if refund.status != "awaiting":
            raise PaidAlready(state=refund.status)
        told = {"amount_minor": refund.asked.minor, "currency": refund.asked.currency, "failure_reason": None}
        with Unit() as unit:
            settle(unit, refund, RefundAnswer(provider_id=bank_reference, status="succeeded", **told))
        return refund_store.refund(order_id, refund_id)

    return again(post)


def made_up(unit: Unit, payment: Payment, made: Iterable[Refund]) -> Payment:
    """What refunds that failed have left owed, the buyer's bank has paid back: so much of that is used up."""
    refunds = {one.refund_id: one for one in made}
    for refund in refunds.values():
        failed = refund.status == "voided" and not refund.made_up_minor and _again_id(refund) not in refunds
        if used := _use_disputed(unit, payment, refund) if failed else {}:
            payment = payment.but(**{name: getattr(payment, name) + minor for name, minor in used.items()})
            unit.save(keys.REFUND, refund.but(made_up_minor=-sum(used.values())))
            unit.tell(events.RefundMadeUp(**_about(refund)))
    return payment


def _take_back(unit: Unit, refund: Refund, answer: RefundAnswer, at: datetime) -> int:
    """The budget of a refund that failed; how much of it the buyer's bank has paid back instead."""
    note_refund(unit, refund, "refund_failed", at, answer.provider_id)
    payment, add = store.of_order(refund.order_id), {"refundable_minor": refund.amount_minor}
    if refund.goodwill:
        note_refund(unit, refund, "goodwill_back", at)
        add["goodwill_minor"] = -refund.amount_minor
    left = payment.but(refundable_minor=payment.refundable_minor + refund.amount_minor)
    used = _use_disputed(unit, left, refund)
    as_read = version(payment.version) if used else Present()
    unit.change(keys.PAYMENT, order_id=refund.order_id, add=add | used, only_if=(as_read,))
    return -sum(used.values())


def _use_disputed(unit: Unit, payment: Payment, refund: Refund) -> dict[str, int]:
    owed = 0 if refund.goodwill else refund.amount_minor
    return _use(unit, payment.but(goodwill_minor=0), refund.refund_id, owed)


def _use(unit: Unit, payment: Payment, refund_id: str, amount_minor: int) -> dict[str, int]:
    """What was given ahead for it is used up: by how much, below zero, what the payment remembers of that changes."""
    used = budget.ahead(payment, amount_minor)
    for kind, minor in used.items():
        note(unit, payment, kind, refund_id, minor, clock.now())
    return {AHEAD[kind]: -minor for kind, minor in used.items()}


def _again_id(failed: Refund) -> str:
    return ids.derived("rfd", failed.refund_id)


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


def answer_of(said: ProviderRefund) -> RefundAnswer:
    return RefundAnswer(
        provider_id=said.id,
        intent_id=said.intent_id,
        status=said.status,
        amount_minor=said.amount_minor,
        currency=said.currency,
        failure_reason=said.failure_reason,
    )


def retry(payment: Payment, refund_id: str, to: RefundTo) -> Refund:
    """Another refund in the place of one that failed; a second try of the same one is refused."""
    failed = refund_store.refund(payment.order_id, refund_id)
    if failed.status != "voided" or failed.made_up_minor:
        raise NotFailed(state=failed.status)
    if not budget.counts_draws(payment):
        return _retry(payment, failed, to, made=(), intent_id=failed.intent_id)
    # Of several funds another one may have to serve, where this one's was used up meanwhile.
    of_several = len(payment.funds) > 1 and any(fund.intent_id == failed.intent_id for fund in payment.funds)
    intent_id = None if of_several else failed.intent_id
    order_id = payment.order_id
    return again(lambda: _retry(store.of_order(order_id), failed, to, refund_store.refunds(order_id), intent_id))


def _retry(payment: Payment, failed: Refund, to: RefundTo, made: Iterable[Refund], intent_id: str | None) -> Refund:
    due = Due(
        _again_id(failed), failed.amount_minor, failed.cause, _sale_of(failed), failed.case_id, failed.goodwill, to
    )
    with Unit() as unit:
        return owe(unit, payment, due, made=made, intent_id=intent_id)


def _set_aside(
    unit: Unit, payment: Payment, amount_minor: int, ahead: Mapping[str, int], *, alone: bool = False
) -> None:
    """Where draws count on each other, or something was given ahead, nobody else may draw meanwhile; else the budget
    alone decides.
    """
    left_minor = max(0, payment.refundable_minor)
    too_high = RefundTooHigh(left_minor=left_minor, asked_minor=amount_minor)
    if not 0 <= amount_minor <= left_minor or not (amount_minor or ahead):
        raise too_high
    alone = alone or budget.counts_draws(payment) or any(getattr(payment, name) > 0 for name in AHEAD.values())
    as_read, enough = version(payment.version), at_least("refundable_minor", amount_minor)
    unit.change(
        keys.PAYMENT,
        order_id=payment.order_id,
        add={"refundable_minor": -amount_minor, **ahead},
        only_if=(as_read,) if alone else (enough,),
        otherwise=ChangedMeanwhile() if alone else too_high,
    )


def _parts(due: Due, drawn: Sequence[Fund]) -> Iterator[tuple[Due, Fund]]:
    """What each fund gives of it; every other than the first the money alone."""
    sale_told = due.sale and due.sale.but(first=False, lines=())
    for number, fund in enumerate(drawn):
        part = due._replace(amount_minor=fund.amount_minor)
        yield part._replace(refund_id=_part_id(due.refund_id, fund), sale=sale_told) if number else part, fund


def _part_id(refund_id: str, fund: Fund) -> str:
    return ids.derived("rfd", refund_id, fund.intent_id)


def _owe(unit: Unit, payment: Payment, due: Due, fund: Fund) -> Refund:
    refund = unit.save(keys.REFUND, _new(payment, due, fund))
    _note_owed(unit, refund)
    unit.tell(events.RefundOwed(**_about(refund)))
    return refund


def _pay_back(unit: Unit, payment: Payment, due: Due, fund: Fund) -> Refund:
    """Out of the fund; what the balance had paid goes back to it, whatever was asked for.

    What is too little for any coin of the buyer's currency is given back with the word of it.
    """
    if BALANCE not in (due.to, fund.provider):
        by_hand = payment.at_till or (fund.charged and not fund.charged.minor)
        return _give_back(unit, payment, due, fund) if by_hand else _owe(unit, payment, due, fund)
    owed = _new(payment, due, fund).but(method=BALANCE, provider=BALANCE)
    refund = unit.save(keys.REFUND, owed.given_back())
    _note_owed(unit, owed, "refund_to_balance")
    unit.tell(events.RefundPosted(**_about(refund), sale=due.sale, to_balance=True))
    return refund


def _give_back(unit: Unit, payment: Payment, due: Due, fund: Fund) -> Refund:
    owed = _new(payment, due, fund)
    refund = unit.save(keys.REFUND, owed.given_back())
    _note_owed(unit, owed)
    note_refund(unit, owed, "refund_posted", owed.asked_at)
    unit.tell(events.RefundPosted(**_about(refund), sale=due.sale))
    return refund


def _note_owed(unit: Unit, refund: Refund, kind: EventKind = "refund_owed") -> None:
    note_refund(unit, refund, kind, refund.asked_at)
    if refund.goodwill:
        note_refund(unit, refund, "goodwill", refund.asked_at)


def _new(payment: Payment, due: Due, fund: Fund) -> Refund:
    paid = payment.through(fund.intent_id)
    return Refund(
        refund_id=due.refund_id,
        order_id=payment.order_id,
        buyer_id=payment.buyer_id,
        store_id=payment.store_id,
        merchant_id=payment.merchant_id,
        intent_id=fund.intent_id,
        method=paid.method,
        provider=paid.provider,
        currency=payment.currency,
        amount_minor=due.amount_minor,
        charged=fund.charged,
        cause=due.cause,
        case_id=due.case_id,
        top_up=payment.top_up,
        goodwill=due.goodwill,
        refund_to=due.to,
        asked_at=clock.now(),
        sale=due.sale.model_dump(mode="json") if due.sale else None,
        status="awaiting" if paid.provider == BANK else "pending",
    )


def _about(refund: Refund) -> dict[str, object]:
    return refund.model_dump(include={*events.RefundOwed.model_fields})


def _sale_of(refund: Refund) -> SaleContext | None:
    return SaleContext.model_validate(refund.sale) if refund.sale else None


def _ask(refund: Refund) -> RefundAnswer:
    gateway = providers.at(refund.provider)
    if refund.provider_id:
        return answer_of(gateway.get_refund(refund.provider_id, refund.intent_id))
    named = {"order_id": refund.order_id, "refund_id": refund.refund_id, "intent_id": refund.intent_id}
    # Looked up first: the key is forgotten after a day, and what it repeats until then may be out of date.
    if made := gateway.find_refund(**named):
        return answer_of(made)
    try:
        return answer_of(gateway.refund(**named, amount_minor=refund.asked.minor))
    except PaymentRefused as refused:
        return RefundAnswer(
            provider_id=None,
            status="failed",
            amount_minor=refund.asked.minor,
            currency=refund.asked.currency,
            failure_reason=str(refused.facts["reason"]),
        )
