"""Who may do what; at which door that is asked, and for whose things, is tried by test_access_matrix.py."""

from typing import get_args

import pytest

from souk.domains.access.model import PERMISSIONS, PROFILE, ROLES, SHOP, SIGN_OUT, CallerRecord, Role
from tests.house.pages.routes import entries

# Who works here may do what: written down once more, so that a slip in the roles is seen.
POLICY = {
    "audit.read": "owner",
    "catalog.cost": "owner",
    "catalog.import": "owner",
    "catalog.read": "owner store_manager service warehouse",
    "catalog.write": "owner",
    "ledger.read": "owner accounts",
    "ledger.write": "owner accounts",
    "listing.write": "owner",
    "members.contact": "owner store_manager service",
    "members.tier": "owner",
    "messages.read": "owner store_manager service warehouse",
    "messages.send": "owner store_manager service",
    "orders.assign": "owner",
    "orders.assist": "owner store_manager service",
    "orders.cancel": "owner store_manager service",
    "orders.complete": "owner store_manager",
    "orders.confirm": "owner store_manager service",
    "orders.override": "owner",
    "orders.pick": "owner store_manager warehouse",
    "orders.read": "owner store_manager service warehouse accounts",
    "orders.redrive": "owner",
    "orders.review": "owner store_manager service",
    "orders.ship": "owner store_manager warehouse",
    "payments.read": "owner store_manager service accounts",
    "promotions.read": "owner store_manager service",
    "promotions.write": "owner",
    "refunds.read": "owner store_manager service accounts",
    "refunds.review": "owner store_manager service",
    "reports.read": "owner store_manager accounts",
    "returns.write": "owner store_manager service",
    "sales.write": "owner store_manager service",
    "settings.read": "owner",
    "settings.write": "owner",
    "staff.read": "owner",
    "staff.write": "owner",
    "stock.force": "owner store_manager",
    "stock.purchase": "owner store_manager",
    "stock.read": "owner store_manager service warehouse",
    "stock.write": "owner store_manager warehouse",
    "stores.read": "owner store_manager service warehouse accounts",
    "stores.write": "owner store_manager",
    PROFILE: "member",
    SHOP: "guest member",
    SIGN_OUT: "member owner store_manager service warehouse accounts",
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
