"""How a member proves that it is they who pay with their balance: a payment password, or a code for one payment."""

import hmac
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from souk.domains.payments.model.draw import Subject
from souk.kernel import clock, ids
from souk.kernel.errors import Conflict, Refused, TooMany
from souk.kernel.one_time_code import OneTimeCode
from souk.kernel.paying import PaymentPassword, PaymentProof
from souk.kernel.shapes import MAX_MINOR, Currency, Id, Input, Mark, Noun, Versioned

MOST_TRIES, LOCKED = 5, timedelta(minutes=30)
# What people choose first of what no rule gives away.
_COMMON = {"112233", "147258", "159357", "5201314", "password", "passw0rd", "qwerty"}


class PaymentProofLocked(TooMany):
    title = "Told wrong too often; nothing can be proved for a while"


class WrongPaymentProof(Refused):
    title = "That is not the payment password, or not the code that was sent"


class NoPaymentPassword(Conflict):
    title = "No payment password is set"


class CodeForSomethingElse(Conflict):
    title = "The code was sent for another payment, or for another sum"


class NotReachedThere(Conflict):
    title = "No such address is known of the member"


def _hard_to_guess(password: str) -> str:
    """As NIST SP 800-63B asks: not what is tried first. Runs, also over 9 and 0, one or two signs, a part repeated."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(password)}
    repeated = password in (password + password)[1:-1]
    if len(steps) == 1 or len({*password}) < 3 or repeated or password.lower() in _COMMON:
        raise ValueError("is easily guessed")
    return password


class CodeWish(Input):
    channel: Literal["email", "phone"] = "email"


class PaymentCodeWish(CodeWish):
    """For one payment; its `order_id` is told by the checkout that needs the proof."""

    order_id: Id
    currency: Currency
    amount_minor: Annotated[int, Field(strict=True, ge=1, le=MAX_MINOR)]

    @property
    def subject(self) -> Subject:
        return Subject(self.order_id, self.amount_minor, self.currency)


class NewPaymentPassword(Input):
    """`proof` is the password of before, or a code that was sent for this; also where none was set before, or whoever
    finds the account open could set the first.
    """

    password: Annotated[PaymentPassword, AfterValidator(_hard_to_guess), Field(repr=False)]
    proof: PaymentProof


class KeptPassword(Versioned):
    """As a slow hash of a keyed one: six digits are soon tried by whoever has the table, but not without the key.

    The one before is kept too, so that setting this one by it may be sent again.
    """

    member_id: str
    salt: Annotated[str, Mark.WITHHELD]
    password_hash: Annotated[str, Mark.WITHHELD]
    set_at: datetime
    salt_before: Annotated[str, Mark.WITHHELD] = ""
    hash_before: Annotated[str, Mark.WITHHELD] = ""

    @classmethod
    def made(cls, member_id: str, keyed: bytes, before: "KeptPassword | None", at: datetime) -> Self:
        salt = ids.secret()
        return cls(
            member_id=member_id,
            salt=salt,
            password_hash=ids.slow_fingerprint(keyed, salt),
            set_at=at,
            salt_before=before.salt if before else "",
            hash_before=before.password_hash if before else "",
            version=before.version if before else 0,
        )

    def is_right(self, keyed: bytes) -> bool:
        return hmac.compare_digest(ids.slow_fingerprint(keyed, self.salt), self.password_hash)

    def was(self, keyed: bytes) -> bool:
        """Whether it is the one before."""
        found = ids.slow_fingerprint(keyed, self.salt_before)
        return bool(self.hash_before) and hmac.compare_digest(found, self.hash_before)


class PaymentCode(OneTimeCode):
    """The last code that a member was sent, and for what."""

    member_id: str
    expires_at: datetime
    order_id: str | None = None
    amount_minor: int = 0
    currency: str | None = None

    def need_subject(self, subject: Subject, at: datetime) -> None:
        """What is asked before any digit is compared gives nothing away, and is no try."""
        self.need_time(at)
        if (self.order_id, self.amount_minor, self.currency) != subject:
            raise CodeForSomethingElse()


class ProofTries(Versioned):
    """How often in a row a member was wrong, by password and code together."""

    member_id: str
    made: int = 0
    tried_at: datetime | None = None

    def locked_until(self, at: datetime) -> datetime | None:
        ends_at = self.tried_at + LOCKED if self.tried_at and self.made >= MOST_TRIES else at
        return ends_at if ends_at > at else None

    def another(self, at: datetime) -> "ProofTries":
        """Counted before it is judged; the fifth locks, and after the lock it begins anew."""
        if ends_at := self.locked_until(at):
            raise PaymentProofLocked(retry_after_seconds=clock.whole_seconds(ends_at - at))
        made = 0 if self.made >= MOST_TRIES else self.made
        return self.but(made=made + 1, tried_at=at)

    def wrong(self) -> WrongPaymentProof:
        return WrongPaymentProof(tries_left=MOST_TRIES - self.made)


class PaymentProofView(Noun):
    """What a member has to prove with; until `locked_until` nothing is taken for a proof."""

    password_set_at: datetime | None
    locked_until: datetime | None
