"""Mandates: agreed to, revoked, and counted by the day in the transaction that begins or gives up a charge."""

from collections.abc import Callable

from souk.domains.payments.model.mandate import DAY_KEPT, Mandate, MandateDraft
from souk.domains.payments.model.payment import Payment
from souk.domains.payments.store import kept as kept_store
from souk.domains.payments.store import mandates as store
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.table import conditions, keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def agree(draft: MandateDraft, currency: str, by: Caller, tell: Callable[[Unit, Mandate], None]) -> Mandate:
    """In the place of what was agreed to before for that method; told as it begins to hold."""
    return again(lambda: _agree(draft, currency, by, tell))


def revoke(mandate_id: str, by: Caller) -> None:
    """From now on nothing is charged by it; what is revoked already is revoked."""
    again(lambda: _revoke(mandate_id, by))


def end(unit: Unit, mandate: Mandate) -> None:
    """Revoked together with what else ends it."""
    if mandate.revoked_at is None:
        unit.save(keys.MANDATE, mandate.but(revoked_at=clock.now()), otherwise=ChangedMeanwhile())


def hold(unit: Unit, mandate: Mandate, amount_minor: int, currency: str, day: str) -> None:
    """Counts a charge that is about to be made, or refuses it, whoever else is charged at the same time."""
    mandate.need(amount_minor, currency)
    over = mandate.over("day", mandate.day_limit_minor, amount_minor)
    named = {"member_id": mandate.member_id, "mandate_id": mandate.mandate_id}
    unit.check(keys.MANDATE, conditions.version(mandate.version), otherwise=ChangedMeanwhile(), **named)
    unit.change(
        keys.MANDATE_DAY,
        member_id=mandate.member_id,
        method_id=mandate.method_id,
        day=day,
        add={"charged_minor": amount_minor},
        only_if=(conditions.AtMost("charged_minor", mandate.day_limit_minor - amount_minor),),
        otherwise=over,
        expires_at=clock.now() + DAY_KEPT,
    )


def give_up(unit: Unit, payment: Payment) -> Payment:
    """Nothing is charged to the kept method any more: what its day was counted for that is free again."""
    charge = payment.kept_charge
    if charge is None:
        return payment
    if charge.mandate_id:
        unit.change(
            keys.MANDATE_DAY,
            member_id=payment.buyer_id,
            method_id=charge.method_id,
            day=charge.day,
            add={"charged_minor": -payment.due_minor},
            expires_at=clock.now() + DAY_KEPT,
        )
    return payment.but(kept=charge.but(given_up=True))


def _agree(draft: MandateDraft, currency: str, by: Caller, tell: Callable[[Unit, Mandate], None]) -> Mandate:
    book = kept_store.methods_of(by.id)
    book.get(draft.method_id)
    before = store.find_mandate(by.id, book.mandates.get(draft.method_id))
    if before and before.is_for(draft, currency):
        return before
    agreed = Mandate(
        mandate_id=ids.new("man"),
        member_id=by.id,
        currency=currency,
        agreed_at=clock.now(),
        ip=by.ip,
        **draft.terms(),
    )
    with Unit() as unit:
        unit.save(keys.METHOD_BOOK, book.with_mandate(draft.method_id, agreed.mandate_id), otherwise=ChangedMeanwhile())
        if before:
            end(unit, before)
        tell(unit, agreed)
        return unit.save(keys.MANDATE, agreed)


def _revoke(mandate_id: str, by: Caller) -> None:
    mandate, book = store.mandate(by.id, mandate_id), kept_store.methods_of(by.id)
    if mandate.revoked_at:
        return
    with Unit() as unit:
        end(unit, mandate)
        unit.save(keys.METHOD_BOOK, book.without_mandate(mandate_id), otherwise=ChangedMeanwhile())
