"""The tier of a member, as staff read and set it."""

from souk.domains.access import store as access
from souk.domains.members.actions import profile
from souk.domains.members.model.profile import MemberTier, TierEdit
from souk.domains.members.store import profile as profiles
from souk.kernel.caller import Caller
from souk.kernel.errors import Missing


def read(member_id: str, by: Caller) -> MemberTier:
    need_member(member_id, by)
    return MemberTier(member_id=member_id, tier=profiles.of_member(member_id).tier)


def change(member_id: str, wanted: TierEdit, by: Caller) -> MemberTier:
    need_member(member_id, by)
    return MemberTier(member_id=member_id, tier=profile.set_tier(member_id, wanted).tier)


def need_member(member_id: str, by: Caller) -> None:
    """Members are the whole shop's: who is bound to a store finds none."""
    by.need_store(None)
    account = access.find(member_id)
    if account is None or account.kind != "member":
        raise Missing()
