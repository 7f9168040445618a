"""Profiles and the codes that were sent, as they are asked for."""

from souk.domains.members.model.profile import (
    Channel,
    ContactChange,
    ContactCode,
    FormerContact,
    PhoneOwner,
    Profile,
    contact_changes,
)
from souk.kernel.audit import AuditEntry
from souk.table import ask, keys, patterns
from souk.table.ask import Rows
from souk.table.port import At


def of_member(member_id: str) -> Profile:
    """An empty one where nothing was said yet."""
    return ask.find(keys.PROFILE, Profile, member_id=member_id) or Profile(member_id=member_id)


def owner_of(phone_hash: str) -> Profile | None:
    """The profile of whoever proved the number last; whether they have it still, it says itself."""
    owner = ask.find(keys.PHONE_OWNER, PhoneOwner, phone_hash=phone_hash)
    return of_member(owner.member_id) if owner else None


def key(member_id: str) -> At:
    """For a batch read that `in_rows` looks at."""
    return ask.key(keys.PROFILE, member_id=member_id)


def in_rows(rows: Rows, member_id: str) -> Profile:
    return rows.one(keys.PROFILE, Profile) or Profile(member_id=member_id)


def code(member_id: str, channel: Channel) -> ContactCode | None:
    return ask.find(keys.CONTACT_CODE, ContactCode, member_id=member_id, channel=channel)


def former_contact(member_id: str, change_id: str) -> FormerContact | None:
    return ask.find(keys.FORMER_CONTACT, FormerContact, member_id=member_id, change_id=change_id)


def changes(member_id: str, limit: int, position: str | None) -> tuple[list[ContactChange], str | None]:
    """A page may hold less than `limit`: the trail tells of other things too."""
    rows = ask.ask(patterns.AUDIT_OF_SUBJECT, subject=member_id, limit=limit, position=position)
    return contact_changes(rows.all(keys.AUDIT_ENTRY, AuditEntry)), rows.position
