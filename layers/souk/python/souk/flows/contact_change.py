"""Another e-mail address or telephone: a code goes to the new one, what it proves counts, the former one is told."""

from collections.abc import Callable

from souk.domains.access import store as access
from souk.domains.access.actions import sessions
from souk.domains.members.actions import avatar, profile
from souk.domains.members.events import ContactChanged
from souk.domains.members.model.profile import Channel, CodeSent, ContactCode, ProfileView, code_sent
from souk.domains.members.store import profile as profiles
from souk.flows import letters
from souk.gateways import identity
from souk.kernel.caller import Caller
from souk.kernel.errors import Missing
from souk.kernel.shapes import Language
from souk.table.again import again
from souk.table.unit import Unit


def view(by: Caller) -> ProfileView:
    account, said = access.find(by.id), profiles.of_member(by.id)
    if account is None:
        raise Missing()
    return ProfileView(
        name=account.name,
        email=account.email,
        phone=said.phone,
        nickname=said.nickname,
        gender=said.gender,
        birthday=said.birthday,
        avatar=avatar.shown(said),
        tier=said.tier,
    )


def ask(channel: Channel, address: str, language: Language, by: Caller) -> CodeSent:
    """Whether somebody else has the address is told to nobody but its owner, who has the code."""
    former = getattr(view(by), channel)
    code, digits = profile.make_code(channel, address, former, language, by)
    letters.send(channel, address, "contact_code", language, code=digits)
    return code_sent(code, channel, address)


def confirm(channel: Channel, digits: str, by: Caller) -> ProfileView:
    """The same right code again is answered with what has come of it."""

    def finish() -> None:
        code = profile.proved(channel, digits, by)
        if not code.used:
            _TAKE_OVER[channel](code)

    profile.count_try(channel, by)
    again(finish)
    return view(by)


def tell_former(fact: ContactChanged, unit: Unit) -> None:
    """Writes nothing; the Unit remembers that the letter went out."""
    told = profiles.former_contact(fact.member_id, fact.change_id)
    if told:
        letters.send(told.channel, told.former, "contact_changed", told.language, address=told.after)


def _set_email(code: ContactCode) -> None:
    """The user pool first: it alone knows whether the address is free, and asked again it says the same.

    What breaks off after it is finished by the same code, or by another for the same address; until then the member
    signs in by the new one already.
    """
    identity.change_email(code.member_id, code.address)
    with Unit() as unit:
        sessions.note_email(unit, code.member_id, code.address)
        profile.take_over(unit, code, email=code.former)


def _set_phone(code: ContactCode) -> None:
    account = access.find(code.member_id)
    profile.set_phone(code, email=account.email if account else None)


_TAKE_OVER: dict[Channel, Callable[[ContactCode], None]] = {"email": _set_email, "phone": _set_phone}
