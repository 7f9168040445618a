"""What members prove with that it is they who pay, as it is asked for."""

from typing import NamedTuple

from souk.domains.payments.model.proof import KeptPassword, PaymentCode, ProofTries
from souk.table import ask, keys


class Proofs(NamedTuple):
    """What a member can prove with, and how often they were wrong."""

    password: KeptPassword | None
    code: PaymentCode | None
    tries: ProofTries


def proofs(member_id: str) -> Proofs:
    kinds = (keys.PAYMENT_PASSWORD, keys.PAYMENT_CODE, keys.PROOF_TRIES)
    rows = ask.many([ask.key(kind, member_id=member_id) for kind in kinds])
    return Proofs(
        password=rows.one(keys.PAYMENT_PASSWORD, KeptPassword),
        code=rows.one(keys.PAYMENT_CODE, PaymentCode),
        tries=rows.one(keys.PROOF_TRIES, ProofTries) or ProofTries(member_id=member_id),
    )


def proof_tries(member_id: str) -> ProofTries:
    return ask.find(keys.PROOF_TRIES, ProofTries, member_id=member_id) or ProofTries(member_id=member_id)
