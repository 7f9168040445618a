"""A code for a payment out of the balance, or for another payment password, goes to where the member is reached."""

from souk.domains.access import store as access
from souk.domains.members.model.profile import Channel, CodeSent, code_sent
from souk.domains.members.store import profile as profiles
from souk.domains.messaging.model import amount
from souk.domains.payments.actions import proofs
from souk.domains.payments.model.proof import CodeWish, NotReachedThere, PaymentCodeWish, Subject
from souk.flows import letters
from souk.kernel import clock
from souk.kernel.caller import Caller
from souk.kernel.shapes import Language


def send_payment_code(wish: PaymentCodeWish, language: Language, by: Caller) -> CodeSent:
    """The letter says how much is to be paid: whoever tells the code has read it."""
    sum_to_pay = amount(wish.amount_minor, wish.currency)
    return _send(wish.channel, wish.subject, "payment_code", language, by, amount=sum_to_pay)


def send_password_code(wish: CodeWish, language: Language, by: Caller) -> CodeSent:
    return _send(wish.channel, Subject(), "payment_password_code", language, by)


def _send(channel: Channel, subject: Subject, topic: str, language: Language, by: Caller, **values: object) -> CodeSent:
    to = _address(channel, by)
    code, digits = proofs.make_code(by.id, subject)
    letters.send(channel, to, topic, language, code=digits, **values)
    return code_sent(code, channel, to)


def _address(channel: Channel, by: Caller) -> str:
    account, profile = access.find(by.id), profiles.of_member(by.id)
    address = profile.phone if channel == "phone" else account and account.email
    if not address:
        raise NotReachedThere()
    profile.need_settled(channel, clock.now())
    return address
