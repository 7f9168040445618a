"""What staff see of telephone numbers, addresses of e-mail and costs goes by their role, in every answer alike."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from souk.domains.access.model.rights import PERMISSIONS, ROLES
from souk.kernel.caller import Caller
from souk.kernel.masking import Guarded
from tests.functions.access_matrix import ROUTES, requests
from tests.support.fair import COST, Fair
from tests.support.market import CONTACT, Market, option

GUARDED = ("catalog.cost", "members.contact")
FEES = "ledger.read"  # what the shop keeps of a merchant's sale: tried where there are fees, by test_settlements.py
REACH = {route: entry for route, entry in ROUTES.items() if entry.audience == "staff"}


def answers(fair: Fair, caller: Caller) -> str:
    """All that the routes of the staff tell this caller of either side."""
    fair.callers["reader"] = caller
    asked = (one for one in requests(fair) if one.who == "reader" and one.route in REACH)
    told = [(one.route, one.send(fair).body) for one in sorted(asked, key=lambda one: not one.route.startswith("GET"))]
    assert {route for route, _ in told} > {
        "GET /staff/orders/{order_id}",
        "GET /staff/cases/{case_id}/export",
        "POST /staff/shipments",
    }
    return str(told)


@pytest.mark.capability("SYS-04")
@pytest.mark.parametrize("permission", GUARDED)
def test_nothing_that_staff_are_answered_tells_what_their_role_may_not_see(fair: Fair, permission: str) -> None:
    contacts = {fair.sides[side][name] for side in ("ours", "theirs") for name in ("phone", "email")}
    secrets = {"catalog.cost": {COST}, "members.contact": contacts}[permission]
    told = answers(fair, Caller("blind", "staff", frozenset(PERMISSIONS) - {permission}))
    assert not [secret for secret in secrets if secret in told]
    told = answers(fair, Caller("seeing", "staff", frozenset(PERMISSIONS)))
    assert not [secret for secret in secrets if secret not in told]


@pytest.mark.capability("SYS-04")
def test_the_warehouse_sees_the_end_of_a_telephone_number_and_the_buyer_all_of_the_own(market: Market) -> None:
    market.goods({"CUP": 1000}, {market.store(): 20})
    placed = market.checkout({"CUP": 1}).ok()["order"]
    path = f"/staff/orders/{placed['order_id']}"
    warehouse, service = (Caller(role, "staff", ROLES[role]) for role in ("warehouse", "service"))
    masked = {"name": CONTACT["name"], "phone": "••••0117", "email": "••••@example.com"}
    assert market.shop.get(path, as_=warehouse)["contact"] == masked
    assert market.shop.get(path, as_=service)["contact"] == placed["contact"] == CONTACT
    [row] = market.shop.rows("Order")
    assert row["contact"] == CONTACT, "what is kept is whole"


@pytest.mark.capability("SYS-04")
def test_who_may_not_see_what_a_sku_costs_may_not_set_it(market: Market) -> None:
    shop, editor = market.shop, market.shop.staff("catalog.read", "catalog.write")
    category_id = market.category()
    said = {"name": {"en": "Cup"}, "category_id": category_id, "price_minor": 900, "skus": [{"cost_minor": 300}]}
    assert shop.post("/staff/products", said, as_=editor).status == 403
    product = shop.post("/staff/products", said, as_=shop.boss).ok()
    [sku] = product["skus"]
    path = f"/staff/products/{product['product_id']}/skus/{sku['sku']}"
    assert shop.call("PATCH", path, {"version": 1, "cost_minor": 1}, as_=editor).status == 403
    assert shop.call("PATCH", path, {"version": 1, "price_minor": 800}, as_=editor).ok()["cost_minor"] is None
    [kept] = shop.get(f"/staff/products/{product['product_id']}", as_=shop.boss)["skus"]
    assert (kept["price_minor"], kept["cost_minor"]) == (800, 300)
    dyed = market.product(category_id, "Scarf", options=[option("colour", "black")])
    value = {"version": dyed["version"], "value": {"code": "rose", "name": {"en": "Rose"}}}
    value |= {"skus": [{"options": {"colour": "rose"}, "cost_minor": 300}]}
    path = f"/staff/products/{dyed['product_id']}/options/colour/values"
    assert [shop.post(path, value, as_=who).status for who in (editor, shop.boss)] == [403, 201]


def guards(annotation: Any, met: frozenset[Any] = frozenset()) -> Iterator[str]:
    """The permissions that some field of the answer asks for."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in met:
        for one in annotation.model_fields.values():
            yield from (mark.permission for mark in one.metadata if isinstance(mark, Guarded))
            yield from guards(one.annotation, met | {annotation})
    for one in get_args(annotation):
        yield from guards(one, met)


@pytest.mark.capability("SYS-04")
def test_what_a_shop_pays_is_in_no_answer_to_buyers_and_nobodys_contact_in_a_public_one() -> None:
    """Nothing is masked there: buyers see all that is theirs, and strangers must be answered none of it."""
    found = {route: set(guards(entry.route.func.__annotations__["return"])) for route, entry in ROUTES.items()}
    allowed = {"me": {"members.contact"}, "staff": {*GUARDED, FEES}}
    assert not [route for route, entry in ROUTES.items() if found[route] - allowed.get(entry.audience, set())]
    assert found["GET /staff/orders/{order_id}"] == {"members.contact", FEES}
    assert found["GET /staff/products/{product_id}"] == {"catalog.cost"}
