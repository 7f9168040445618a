"""What a member does with the own profile, and how a new address is proved."""

from datetime import timedelta
from typing import Any

from souk.domains.members.events import ContactChanged
from souk.domains.members.model.profile import (
    KEPT,
    Channel,
    ContactCode,
    NoTriesLeft,
    PhoneOwner,
    Profile,
    ProfileEdit,
    SameAddress,
    TierEdit,
)
from souk.domains.members.store import profile as store
from souk.gateways import keyed
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.one_time_code import CODE_DIGITS, NoCode
from souk.kernel.shapes import Language
from souk.table import keys, limits
from souk.table.again import again
from souk.table.conditions import at_least
from souk.table.limits import Limit
from souk.table.unit import ChangedMeanwhile, Unit

CODES_OF_MEMBER = Limit("contact_codes_of_member", most=10, window=timedelta(days=1))
CODES_TO_ADDRESS = Limit("contact_codes_to_address", most=5, window=timedelta(days=1))


def edit(wanted: ProfileEdit, by: Caller) -> Profile:
    """Only what the edit names."""
    return _change(by.id, **{name: getattr(wanted, name) for name in wanted.model_fields_set})


def set_tier(member_id: str, wanted: TierEdit) -> Profile:
    """By staff, until tiers follow from what members buy."""
    return _change(member_id, tier=wanted.tier)


def _change(member_id: str, **values: Any) -> Profile:
    def change() -> Profile:
        before = store.of_member(member_id)
        after = before.but(**values)
        if after == before:
            return before
        with Unit() as unit:
            return unit.save(keys.PROFILE, after, otherwise=ChangedMeanwhile())

    return again(change)


def make_code(
    channel: Channel, address: str, former: str | None, language: Language, by: Caller
) -> tuple[ContactCode, str]:
    """A code for the new address, to be sent there, and nowhere else to be read."""
    if address == former:
        raise SameAddress()
    before, now = store.code(by.id, channel), clock.now()
    if before:
        before.need_pause(now)
    limits.count((CODES_OF_MEMBER, by.id), (CODES_TO_ADDRESS, address))
    digits = ids.digits(CODE_DIGITS)
    said = {"channel": channel, "address": address, "former": former, "language": language}
    made = ContactCode.made(digits, before, now, member_id=by.id, expires_at=now + KEPT, **said)
    with Unit() as unit:
        return unit.save(keys.CONTACT_CODE, made, otherwise=ChangedMeanwhile()), digits


def count_try(channel: Channel, by: Caller) -> None:
    """Before anything is compared, so that of many tries at once none is free."""
    if store.code(by.id, channel) is None:
        raise NoCode()
    with Unit() as unit:
        unit.change(
            keys.CONTACT_CODE,
            member_id=by.id,
            channel=channel,
            add={"tries_left": -1},
            only_if=(at_least("tries_left", 1),),
            otherwise=NoTriesLeft(),
        )


def proved(channel: Channel, digits: str, by: Caller) -> ContactCode:
    """The code, if this try, which has been counted, tells it right."""
    code = store.code(by.id, channel)
    if code is None:
        raise NoCode()
    code.need_proof(digits, clock.now())
    return code


def take_over(unit: Unit, code: ContactCode, email: str | None, **said: Any) -> None:
    """The new address counts; the code is used up, and the former address is to be told, or the `email` if none was."""
    at, profile = clock.now(), store.of_member(code.member_id)
    unit.because(None, **code.change)
    since = {**profile.reached_since, code.channel: at}
    unit.save(keys.PROFILE, profile.but(**said, reached_since=since), otherwise=ChangedMeanwhile())
    unit.save(keys.CONTACT_CODE, code.but(used=True))
    change_id = ids.new("chg")
    if former := code.former_contact(change_id, at, email):
        unit.add(keys.FORMER_CONTACT, former)
    unit.tell(ContactChanged(member_id=code.member_id, change_id=change_id, channel=code.channel))


def set_phone(code: ContactCode, email: str | None) -> None:
    with Unit() as unit:
        unit.put(keys.PHONE_OWNER, PhoneOwner(phone_hash=_hashed(code.address), member_id=code.member_id))
        take_over(unit, code, email, phone=code.address)


def recognise(phone: str) -> str | None:
    """The member whose number it is, proved and not given up since."""
    profile = store.owner_of(_hashed(phone))
    return profile.member_id if profile and profile.phone == phone else None


def _hashed(phone: str) -> str:
    return keyed.digest("phone", phone).hex()[:32]
