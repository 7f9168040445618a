"""Members prove that it is they who pay, five times wrong in a row at most, and set the password to prove it by."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from souk.domains.payments.model.draw import Subject
from souk.domains.payments.model.proof import (
    KeptPassword,
    NewPaymentPassword,
    NoPaymentPassword,
    PaymentCode,
    PaymentProofView,
    ProofTries,
)
from souk.domains.payments.store import proofs as store
from souk.gateways import keyed
from souk.kernel import clock, ids
from souk.kernel.one_time_code import CODE_DIGITS, NoCode
from souk.kernel.paying import PaymentProof
from souk.table import keys, limits
from souk.table.again import again
from souk.table.limits import Limit
from souk.table.unit import ChangedMeanwhile, Unit

CODES_OF_MEMBER = Limit("payment_codes_of_member", most=20, window=timedelta(days=1))
# What of a code is of no use any more is not kept for long.
_CODE_KEPT = timedelta(days=1)


def view(member_id: str) -> PaymentProofView:
    proofs = store.proofs(member_id)
    locked_until = proofs.tries.locked_until(clock.now())
    return PaymentProofView(password_set_at=proofs.password and proofs.password.set_at, locked_until=locked_until)


def need(member_id: str, proof: PaymentProof, subject: Subject) -> None:
    """Refused where the proof is wrong, of something else, or one of too many.

    A code is not used up: it is good for one order, and that is placed once.
    """
    known = store.proofs(member_id)
    _need_something_to_compare(known, proof, subject)
    tries = _counted(member_id)
    if not _is_right(known, proof, member_id):
        raise tries.wrong()
    _forgive(tries)


def need_new(member_id: str, wanted: NewPaymentPassword) -> store.Proofs | None:
    """Refused as `need` is; what the proof was compared with, or None where there is nothing to set.

    Sent again it is set already: by then the old password is the one before, or the code used, and the new one is
    right. That alone proves nothing: who only guesses would have two guesses to a try.
    """
    known = store.proofs(member_id)
    _need_something_to_compare(known, wanted.proof, Subject())
    tries = _counted(member_id)
    proved = _is_right(known, wanted.proof, member_id)
    if not proved and not _is_set(known, wanted, member_id):
        raise tries.wrong()
    _forgive(tries)
    return known if proved else None


def set_password(
    member_id: str, wanted: NewPaymentPassword, known: store.Proofs, tell: Callable[[Unit, KeptPassword], None]
) -> None:
    """Once for each proof: the code is used up, the old password is another. Told as it begins to hold."""
    with Unit() as unit:
        kept = KeptPassword.made(member_id, _keyed(member_id, wanted.password), known.password, clock.now())
        tell(unit, unit.save(keys.PAYMENT_PASSWORD, kept, otherwise=ChangedMeanwhile()))
        if wanted.proof.code and known.code:
            unit.save(keys.PAYMENT_CODE, known.code.but(used=True))


def make_code(member_id: str, subject: Subject) -> tuple[PaymentCode, str]:
    """A code for this and nothing else, to be sent to the member, and nowhere else to be read."""
    before, now = store.proofs(member_id).code, clock.now()
    if before:
        before.need_pause(now)
    limits.count((CODES_OF_MEMBER, member_id))
    digits, said = ids.digits(CODE_DIGITS), subject._asdict()
    made = PaymentCode.made(digits, before, now, member_id=member_id, expires_at=now + _CODE_KEPT, **said)
    with Unit() as unit:
        return unit.save(keys.PAYMENT_CODE, made, otherwise=ChangedMeanwhile()), digits


def _need_something_to_compare(known: store.Proofs, proof: PaymentProof, subject: Subject) -> None:
    if proof.password is not None and known.password is None:
        raise NoPaymentPassword()
    if proof.code is not None:
        if known.code is None:
            raise NoCode()
        known.code.need_subject(subject, clock.now())


def _counted(member_id: str) -> ProofTries:
    """Before anything is compared, so that of many tries at once none is free."""

    def count() -> ProofTries:
        tries = store.proof_tries(member_id).another(clock.now())
        with Unit() as unit:
            return unit.save(keys.PROOF_TRIES, tries, otherwise=ChangedMeanwhile())

    return again(count)


def _is_right(known: store.Proofs, proof: PaymentProof, member_id: str) -> bool:
    if proof.code is not None:
        return known.code is not None and not known.code.used and known.code.is_right(proof.code)
    return known.password is not None and known.password.is_right(_keyed(member_id, proof.password or ""))


def _is_set(known: store.Proofs, wanted: NewPaymentPassword, member_id: str) -> bool:
    """Whether it was set by that very proof."""
    proof, password = wanted.proof, known.password
    if password is None:
        return False
    if proof.code is not None:
        had = known.code is not None and known.code.used and known.code.is_right(proof.code)
    else:
        had = password.was(_keyed(member_id, proof.password or ""))
    return had and password.is_right(_keyed(member_id, wanted.password))


def _forgive(tries: ProofTries) -> None:
    """Nobody has to be counted any more, unless somebody else has tried meanwhile."""
    with suppress(ChangedMeanwhile), Unit() as unit:
        unit.save(keys.PROOF_TRIES, tries.but(made=0))


def _keyed(member_id: str, password: str) -> bytes:
    return keyed.digest("payment password", member_id, password)
