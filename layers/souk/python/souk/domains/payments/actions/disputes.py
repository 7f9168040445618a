"""Disputes: what the provider says of one, written down with what it does to the payments whose money it is."""

from collections.abc import Iterable

from souk.domains.payments import events
from souk.domains.payments.actions import refunds, wallets
from souk.domains.payments.actions.movements import note
from souk.domains.payments.actions.refunds import Due
from souk.domains.payments.model.claim import claimed, to_reclaim
from souk.domains.payments.model.dispute import DECIDED, LOOK_EVERY, Dispute, DisputeAnswer
from souk.domains.payments.model.fund import spent
from souk.domains.payments.model.outcome import Outcome
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.store import refunds as refund_store
from souk.domains.payments.store import wallets as store
from souk.gateways.providers import Dispute as ProviderDispute
from souk.kernel import clock, ids
from souk.table import keys
from souk.table.unit import Unit


def answer_of(said: ProviderDispute) -> DisputeAnswer:
    return DisputeAnswer.model_validate({**said._asdict(), "dispute_id": said.id})


def new(payment: Payment, intent_id: str, answer: DisputeAnswer) -> Dispute:
    """Of which nothing has been heard but that it is there."""
    paid = payment.through(intent_id)
    return Dispute(
        dispute_id=answer.dispute_id,
        order_id=payment.order_id,
        buyer_id=payment.buyer_id,
        store_id=payment.store_id,
        intent_id=intent_id,
        provider=paid.provider,
        method=paid.method,
        currency=answer.currency,
        amount_minor=answer.amount_minor,
        charge=payment.charge if payment.charged_by(paid.provider) else None,
        top_up=payment.top_up,
        reason=answer.reason,
        status=answer.status if answer.status == "inquiry" else "open",
        opened_at=answer.opened_at,
        look_at=clock.now() + LOOK_EVERY,
    )


def settle(unit: Unit, known: Dispute, answer: DisputeAnswer, holders: Iterable[Payment]) -> Outcome:
    """One effect of each answer, from wherever and however often it comes.

    `holders` are the payments that have the intent's money now: all that it names, once it names any.
    """
    heard, payments = known.heard(answer, clock.now()), {one.order_id: one for one in holders}
    if heard.taken_minor and not heard.held_by:
        heard = heard.but(
            held_by={one.order_id: one.held_of(known.intent_id) for one in payments.values()},
            **(_gone(known.intent_id, payments.values()) if heard.charge else {}),
        )
    if known.version and heard.says_as(known):
        if known.awaited and known.look_at <= clock.now():
            unit.save(keys.DISPUTE, heard)
        return Outcome.NOTHING_NEW
    unit.save(keys.DISPUTE, heard)
    overdrawn = reclaimed = 0
    available = store.available(known.buyer_id, next(iter(payments.values())).currency)
    for order_id in heard.held_by:
        over, more = _claim(unit, known, heard, payments[order_id], available - reclaimed)
        overdrawn, reclaimed = overdrawn + over, reclaimed + more
    if reclaimed:
        wallets.reclaim(unit, payments[next(iter(heard.held_by))], f"{heard.dispute_id}:{heard.version}", reclaimed)
    _tell(unit, known, heard, overdrawn)
    return Outcome.OVERDRAWN if overdrawn else Outcome.DISPUTED


def _gone(intent_id: str, holders: Iterable[Payment]) -> dict[str, int]:
    """What has gone back of the intent's money by refunds, in the shop's money and as it was charged."""
    gone = [spent([one.fund_of(intent_id)], refund_store.refunds(one.order_id))[intent_id] for one in holders]
    return {
        "gone_minor": sum(one.amount_minor for one in gone),
        "gone_charged_minor": sum(one.charged.minor for one in gone if one.charged),
    }


def _claim(unit: Unit, known: Dispute, heard: Dispute, payment: Payment, available_minor: int) -> tuple[int, int]:
    """By how much more has gone back of the payment with this than was paid, and how much of that the buyer's balance,
    where so much is free, has to give back; below nothing it gets it back.
    """
    before, after = known.borne().get(payment.order_id, 0), heard.borne()[payment.order_id]
    lost_before, lost_after = before * (known.status == "lost"), after * (heard.status == "lost")
    claim = claimed(payment, before, after, max(0, lost_after - lost_before))
    if not claim.moves:
        return 0, 0
    paid, at = claim.payment.through(heard.intent_id), clock.now()
    made = refund_store.refunds(payment.order_id)
    after_all = refunds.made_up(unit, claim.payment, made) if after > before else claim.payment
    others = [intent_id for intent_id in payment.taken_back if intent_id != heard.intent_id]
    after_all = after_all.but(taken_back=(*others, heard.intent_id) if after else tuple(others))
    reclaimed = to_reclaim(after_all, made, available_minor)
    unit.save(keys.PAYMENT, after_all.but(reclaimed_minor=after_all.reclaimed_minor + reclaimed))
    charged = heard.charged_since(known, payment.order_id)
    # What a balance has given back is the shop's already, and no loss of the merchant whose order it was.
    given_back = after_all.reclaimed_minor + reclaimed - payment.lost_minor
    by_shop = {"dispute_lost": given_back, "dispute_regained": -reclaimed}
    for kind, minor in claim.moves.items():
        subject, part_minor = f"{heard.dispute_id}:{heard.version}", min(minor, max(0, by_shop.get(kind, 0)))
        note(unit, paid, kind, subject, minor, at, heard.dispute_id, charged, part_minor)
    if claim.owed_minor:
        refund_id = ids.derived("rfd", payment.order_id, heard.dispute_id, str(heard.version))
        due = Due(refund_id, claim.owed_minor, "the bank has returned what was credited")
        refunds.pay_out(unit, paid, due, made=made, intent_id=heard.intent_id)
    left_minor = claim.payment.refundable_minor + claim.payment.pledged_minor
    return (max(0, -left_minor) if after > before else 0), reclaimed


def _tell(unit: Unit, known: Dispute, heard: Dispute, overdrawn_minor: int) -> None:
    """That it is there, that an inquiry has become more, that it is decided, that too much has gone back."""
    about = heard.model_dump(include={*events.DisputeOpened.model_fields})
    about["overdrawn_minor"] = heard.told(overdrawn_minor)
    escalated = known.status == "inquiry" and heard.status != "inquiry"
    if heard.status in DECIDED and known.status not in DECIDED:
        unit.tell(events.DisputeClosed(**about))
    elif not known.version or escalated or overdrawn_minor:
        unit.tell(events.DisputeOpened(**about))
