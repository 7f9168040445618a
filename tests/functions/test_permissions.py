"""The route table: who is let through every route of every function."""

import re
from typing import get_args

import pytest

from souk.domains.access.model import PERMISSIONS, ROLES, SHOP, SIGN_OUT, CallerRecord, Role
from tests.house.pages.routes import Entry, entries
from tests.support.shop import Shop

# Who works here may do what: written down once more, so that a slip in the roles is seen.
POLICY = {
    "audit.read": "owner",
    "catalog.read": "owner store_manager service warehouse",
    "catalog.write": "owner",
    "listing.write": "owner",
    "messages.read": "owner store_manager service warehouse",
    "orders.assist": "owner store_manager service",
    "orders.cancel": "owner store_manager service",
    "orders.complete": "owner store_manager",
    "orders.confirm": "owner store_manager service",
    "orders.override": "owner",
    "orders.pick": "owner store_manager warehouse",
    "orders.read": "owner store_manager service warehouse",
    "orders.redrive": "owner",
    "orders.ship": "owner store_manager warehouse",
    "payments.read": "owner store_manager service",
    "refunds.read": "owner store_manager service",
    "refunds.review": "owner store_manager service",
    "reports.read": "owner store_manager",
    "settings.read": "owner",
    "settings.write": "owner",
    "staff.read": "owner",
    "staff.write": "owner",
    "stock.read": "owner store_manager service warehouse",
    "stock.write": "owner store_manager warehouse",
    "stores.read": "owner store_manager service warehouse",
    "stores.write": "owner store_manager",
    SHOP: "guest member",
    SIGN_OUT: "member owner store_manager service warehouse",
}
CALLERS = {
    "guest": CallerRecord(caller_id="gst_1", kind="guest"),
    "member": CallerRecord(caller_id="mem_1", kind="member"),
    **{role: CallerRecord(caller_id=role, kind="staff", roles=[role]) for role in ROLES},
}


def address(entry: Entry) -> str:
    return re.sub(r"{[^}]*}", "none", entry.path)


@pytest.mark.capability("USR-05")
def test_every_route_that_is_not_public_asks_who_is_calling(shop: Shop) -> None:
    closed = [entry for entry in entries() if entry.may]
    assert {shop.call(entry.method, address(entry)).status for entry in closed} == {401}


@pytest.mark.capability("SYS-02")
@pytest.mark.parametrize("who", CALLERS)
def test_every_route_lets_exactly_the_right_roles_through(shop: Shop, who: str) -> None:
    caller, wrong = CALLERS[who].caller(), {}
    for entry in entries():
        if entry.may:
            status = shop.call(entry.method, address(entry), as_=caller).status
            if (status == 403) == (who in POLICY[entry.may].split()) or status == 401 or status >= 500:
                wrong[entry.method, entry.path] = status
    assert wrong == {}


def test_the_roles_are_those_of_the_policy() -> None:
    assert set(get_args(Role)) == set(ROLES) and set(POLICY) == {*PERMISSIONS, SHOP, SIGN_OUT}
    for role in ROLES:
        assert ROLES[role] == {may for may, roles in POLICY.items() if role in roles.split()} - {SIGN_OUT}
