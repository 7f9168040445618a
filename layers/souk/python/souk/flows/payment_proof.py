"""What a member pays by out of the balance: the password, of which they are told, and codes that are sent to them."""

from souk.domains.access import store as access
from souk.domains.members.model.profile import Channel, CodeSent, code_sent
from souk.domains.members.store import profile as profiles
from souk.domains.messaging.actions import write
from souk.domains.messaging.model import amount
from souk.domains.payments.actions import proofs
from souk.domains.payments.model.draw import Subject
from souk.domains.payments.model.proof import (
    CodeWish,
    KeptPassword,
    NewPaymentPassword,
    NotReachedThere,
    PaymentCodeWish,
    PaymentProofView,
)
from souk.flows import letters
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.shapes import Language
from souk.table.again import again
from souk.table.unit import Unit


def send_payment_code(wish: PaymentCodeWish, language: Language, by: Caller) -> CodeSent:
    """The letter says how much is to be paid: whoever tells the code has read it."""
    sum_to_pay = amount(wish.amount_minor, wish.currency)
    return _send(wish.channel, wish.subject, "payment_code", language, by, amount=sum_to_pay)


def send_password_code(wish: CodeWish, language: Language, by: Caller) -> CodeSent:
    return _send(wish.channel, Subject(), "payment_password_code", language, by)


def set_password(wanted: NewPaymentPassword, by: Caller) -> PaymentProofView:

    def change() -> None:
        if known := proofs.need_new(by.id, wanted):
            proofs.set_password(by.id, wanted, known, _tell)

    again(change)
    return proofs.view(by.id)


def _tell(unit: Unit, kept: KeptPassword) -> None:
    """Whatever the shop has set: whoever did not set it must hear of it."""
    to, cause = kept.member_id, f"{kept.member_id} {kept.version}"
    write(unit, "payment_password_set", to=to, cause=cause, about=to, channels=("mail",))


def _send(channel: Channel, subject: Subject, topic: str, language: Language, by: Caller, **said: object) -> CodeSent:
    to = _address_of(channel, by)
    profiles.of_member(by.id).need_settled(channel, clock.now())
    code, digits = proofs.make_code(by.id, subject)
    letters.send(channel, to, topic, language, code=digits, **said)
    return code_sent(code, channel, to)


def _address_of(channel: Channel, by: Caller) -> str:
    """Where a member is told what only they may know."""
    known = profiles.of_member(by.id).phone if channel == "phone" else _email(by)
    if not known:
        raise NotReachedThere()
    return known


def _email(by: Caller) -> str | None:
    account = access.find(by.id)
    return account.email if account else None
