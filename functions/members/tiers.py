"""Tiers of members, for staff."""

from souk.domains.members.model.profile import MemberTier, TierEdit
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import member_tier

app, handler = http_api()


@app.get("/staff/tiers/{member_id}", may="members.tier")
def read(member_id: str) -> MemberTier:
    return member_tier.read(member_id, by=caller())


@app.put("/staff/tiers/{member_id}", may="members.tier")
def change(member_id: str, wanted: TierEdit) -> MemberTier:
    return member_tier.change(member_id, wanted, by=caller())
