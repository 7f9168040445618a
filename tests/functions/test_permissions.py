"""Who may do what; at which door that is asked, and for whose things, is tried by test_access_matrix.py."""

from typing import get_args

import pytest

from souk.domains.access.model.callers import CallerRecord
from souk.domains.access.model.rights import PERMISSIONS, PROFILE, ROLES, SHOP, SIGN_OUT, Role
from tests.house.pages.routes import entries

# Who works here may do what: written down once more, so that a slip in the roles is seen.
POLICY = {
    "audit.read": "owner",
    "catalog.cost": "owner merchant",
    "catalog.import": "owner",
    "catalog.read": "owner store_manager service warehouse merchant",
    "catalog.write": "owner merchant",
    "ledger.read": "owner accounts merchant",
    "ledger.write": "owner accounts",
    "listing.write": "owner merchant",
    "members.contact": "owner store_manager service merchant",
    "members.tier": "owner",
    "merchants.read": "owner merchant",
    "merchants.write": "owner",
    "messages.read": "owner store_manager service warehouse merchant",
    "messages.send": "owner store_manager service merchant",
    "orders.assign": "owner",
    "orders.assist": "owner store_manager service merchant",
    "orders.cancel": "owner store_manager service merchant",
    "orders.complete": "owner store_manager merchant",
    "orders.confirm": "owner store_manager service merchant",
    "orders.override": "owner",
    "orders.pick": "owner store_manager warehouse merchant",
    "orders.read": "owner store_manager service warehouse accounts merchant",
    "orders.redrive": "owner",
    "orders.review": "owner store_manager service merchant",
    "orders.ship": "owner store_manager warehouse merchant",
    "payments.read": "owner store_manager service accounts merchant",
    "promotions.read": "owner store_manager service merchant",
    "promotions.write": "owner merchant",
    "refunds.read": "owner store_manager service accounts merchant",
    "refunds.review": "owner store_manager service merchant",
    "reports.read": "owner store_manager accounts merchant",
    "returns.write": "owner store_manager service merchant",
    "sales.write": "owner store_manager service merchant",
    "settings.read": "owner",
    "settings.write": "owner",
    "staff.read": "owner",
    "staff.write": "owner",
    "stock.force": "owner store_manager merchant",
    "stock.purchase": "owner store_manager merchant",
    "stock.read": "owner store_manager service warehouse merchant",
    "stock.write": "owner store_manager warehouse merchant",
    "stores.read": "owner store_manager service warehouse accounts merchant",
    "stores.write": "owner store_manager merchant",
    PROFILE: "member",
    SHOP: "guest member",
    SIGN_OUT: "member owner store_manager merchant service warehouse accounts",
}
CALLERS = {
    "guest": CallerRecord(caller_id="gst_1", kind="guest"),
    "member": CallerRecord(caller_id="mem_1", kind="member"),
    **{role: CallerRecord(caller_id=role, kind="staff", roles=[role]) for role in ROLES},
}


@pytest.mark.capability("SYS-02")
def test_everybody_may_do_exactly_what_the_policy_says() -> None:
    assert set(get_args(Role)) == set(ROLES) and set(POLICY) == {*PERMISSIONS, PROFILE, SHOP, SIGN_OUT}
    for who, record in CALLERS.items():
        assert record.caller().may == {may for may, roles in POLICY.items() if who in roles.split()}


def test_a_right_to_read_changes_nothing_but_that_a_message_is_read() -> None:
    readers = {
        entry.path.split("/")[2] for entry in entries() if entry.method != "GET" and f"{entry.may}".endswith(".read")
    }
    assert readers == {"messages"}
