"""Calls from a browser: which origins may read the shop's answers (CORS, Fetch standard)."""

import pytest

from tests.support import template
from tests.support.shop import Answer, Shop

OURS = ("https://shop.example.com", "https://till.example.com")


def preflight(shop: Shop, path: str, origin: str) -> Answer:
    return shop.call("OPTIONS", path, headers={"origin": origin, "access-control-request-method": "POST"})


@pytest.mark.parametrize("origin", OURS)
def test_every_named_origin_may_ask_and_read(shop: Shop, origin: str) -> None:
    asked = preflight(shop, "/me/cart/lines", origin)
    assert asked.status == 204
    assert asked.headers["Access-Control-Allow-Origin"] == origin
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"]
    read = shop.call("GET", "/shop/categories", headers={"origin": origin})
    assert read.headers["Access-Control-Allow-Origin"] == origin and "Origin" in read.headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://shop.example.com.evil.example",
        "http://shop.example.com",
        "null",
        "",
        ",".join(OURS),
    ],
)
def test_no_other_origin_is_let_in(shop: Shop, origin: str) -> None:
    for answer in (
        preflight(shop, "/me/cart/lines", origin),
        shop.call("GET", "/shop/categories", headers={"origin": origin}),
    ):
        assert not [name for name in answer.headers if name.startswith("Access-Control-")]


def test_whatever_a_door_answers_the_shops_own_pages_may_read_it(shop: Shop) -> None:
    for way in template.ways():
        answer = shop.call("GET", way.path.replace("{proxy+}", "x"), headers={"origin": OURS[0]})
        assert answer.headers["Access-Control-Allow-Origin"] == OURS[0], (way, answer.status)


def test_what_is_not_there_has_no_methods(shop: Shop) -> None:
    assert preflight(shop, "/staff/products/p/q/r/s", OURS[0]).status == 404


def test_the_door_lets_a_preflight_through_and_nothing_else(shop: Shop) -> None:
    arn = "arn:aws:execute-api:eu-west-1:123456789012:api/v1"
    event = {"type": "REQUEST", "methodArn": f"{arn}/OPTIONS/staff/products", "headers": {}}
    [statement] = shop.invoke("Authorize", event)["policyDocument"]["Statement"]
    assert statement["Resource"] == [f"{arn}/OPTIONS/*"] and statement["Effect"] == "Allow"
    with pytest.raises(Exception, match="Unauthorized"):
        shop.invoke("Authorize", {**event, "methodArn": f"{arn}/GET/staff/products"})
