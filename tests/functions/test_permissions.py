"""The route table: who is let through every route of every function."""

import importlib
import re
from collections.abc import Iterator
from typing import get_args

import pytest

from souk.domains.access.model import PERMISSIONS, ROLES, SHOP, SIGN_OUT, CallerRecord, Role
from souk.edge.http import Api, Door
from tests.support import template
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
    "guest": CallerRecord(caller_id="gst_1", kind="guest"), "member": CallerRecord(caller_id="mem_1", kind="member"),
    **{role: CallerRecord(caller_id=role, kind="staff", roles=[role]) for role in ROLES},
}  # fmt: skip


def doors() -> Iterator[Door]:
    for function in template.functions():
        app = getattr(importlib.import_module(function.module), "app", None)
        if isinstance(app, Api):
            yield from app.doors


def address(door: Door) -> str:
    return re.sub(r"{[^}]*}", "none", door.path)


@pytest.mark.capability("USR-05")
def test_every_route_that_is_not_public_asks_who_is_calling(shop: Shop) -> None:
    answers = {door: shop.call(door.method, address(door)).status for door in doors() if door.may}
    assert len(answers) > 20 and {door: status for door, status in answers.items() if status != 401} == {}


@pytest.mark.capability("SYS-02")
@pytest.mark.parametrize("who", CALLERS)
def test_every_route_lets_exactly_the_right_roles_through(shop: Shop, who: str) -> None:
    caller, wrong = CALLERS[who].caller(), {}
    for door in doors():
        if door.may:
            status = shop.call(door.method, address(door), as_=caller).status
            if (status == 403) == (who in POLICY[door.may].split()) or status == 401 or status >= 500:
                wrong[door.method, door.path] = status
    assert wrong == {}


def test_the_roles_are_those_of_the_policy() -> None:
    assert set(get_args(Role)) == set(ROLES) and set(POLICY) == {*PERMISSIONS, SHOP, SIGN_OUT}
    for role in ROLES:
        assert ROLES[role] == {may for may, roles in POLICY.items() if role in roles.split()} - {SIGN_OUT}


def test_what_a_path_begins_with_says_for_whom_it_is(shop: Shop) -> None:
    for door in doors():
        audience = door.path.split("/")[1]
        if door.may is None:
            assert audience in ("shop", "access", "hooks"), door
        elif door.may == SIGN_OUT:
            assert audience == "access", door
        else:
            assert audience == ("me" if door.may == SHOP else "staff"), door


@pytest.mark.capability("USR-05")
def test_the_gateway_asks_the_authorizer_before_every_route_that_is_not_public(shop: Shop) -> None:
    events = [event for function in template.functions() for event in function.events("Api")]
    open_paths = {event["Path"]: event.get("Auth", {}).get("Authorizer") == "NONE" for event in events}
    assert all(path.split("/")[1] in ("shop", "access", "hooks") for path, is_open in open_paths.items() if is_open)
    for door in doors():
        owner = max((path for path in open_paths if _leads(path, door.path)), key=len, default=None)
        assert owner is not None, f"no event leads to {door.path}"
        assert open_paths[owner] == (door.may is None), door


def _leads(event_path: str, path: str) -> bool:
    prefix = event_path.removesuffix("/{proxy+}")
    return path == event_path or (prefix != event_path and path.startswith(f"{prefix}/"))
