"""Tiers of members: staff set them, members see theirs, and nobody gives themselves one."""

import pytest

from tests.support.people import People
from tests.support.shop import Shop


@pytest.mark.capability("MBR-05")
def test_a_tier_is_set_by_staff_seen_by_its_member_and_kept_through_every_edit(shop: Shop, people: People) -> None:
    token = people.sign_up().ok()["id_token"]
    owner = people.owner()
    profile = people.call("GET", "/me/profile", token=token).ok()
    assert profile["tier"] == 0
    (member_id,) = (one["caller_id"] for one in shop.rows("CallerRecord") if one["kind"] == "member")
    path = f"/staff/tiers/{member_id}"
    assert people.call("PUT", path, {"tier": 5}, owner).ok() == {"member_id": member_id, "tier": 5}
    people.call("PATCH", "/me/profile", {"nickname": "Nia"}, token).ok()
    assert people.call("GET", "/me/profile", token=token).ok()["tier"] == 5
    assert people.call("PATCH", "/me/profile", {"tier": 9}, token).status == 422
    assert people.call("PUT", path, {"tier": 9}, token).status == 403
    entries = [one for one in shop.rows("AuditEntry") if one["subject"] == member_id and one["by_kind"] == "staff"]
    (change,) = entries[0]["changes"]
    assert (len(entries), change["after"]["tier"]) == (1, 5)


@pytest.mark.parametrize("tier", [-1, 10, "5", None])
def test_a_tier_is_a_digit(shop: Shop, people: People, tier: object) -> None:
    people.sign_up().ok()
    (member_id,) = (one["caller_id"] for one in shop.rows("CallerRecord"))
    assert people.call("PUT", f"/staff/tiers/{member_id}", {"tier": tier}, people.owner()).status == 422


def test_who_is_no_member_has_no_tier(shop: Shop, people: People) -> None:
    owner = people.owner()
    (owner_id,) = (one["caller_id"] for one in shop.rows("CallerRecord"))
    assert people.call("PUT", f"/staff/tiers/{owner_id}", {"tier": 1}, owner).status == 404
    assert people.call("GET", "/staff/tiers/nobody", token=owner).status == 404
