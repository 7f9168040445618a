"""What a browser meets of the running shop: the page to click through the API, and the rules for web apps."""

import requests

from infra.local.shop import Shop


def test_the_page_shows_this_shop(shop: Shop) -> None:
    assert requests.get(shop.docs, timeout=30).status_code == 200
    bundle = requests.get(f"{shop.docs}/swagger-ui-bundle.min.js", timeout=30)
    assert "SwaggerUIBundle" in bundle.text
    paths = requests.get(f"{shop.docs}/openapi.json", timeout=30).json()["paths"]
    assert requests.get(f"{shop.api}/shop/stores", timeout=30).status_code == 200
    assert "/shop/stores" in paths


def test_a_web_app_of_a_named_origin_may_call_and_no_other(shop: Shop) -> None:
    def preflight(origin: str) -> requests.Response:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return requests.options(f"{shop.api}/me/cart/lines", headers=asked, timeout=30)

    ours = shop.api.removesuffix("/v1")
    allowed, other = preflight(ours), preflight("https://evil.example")
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (204, ours)
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Origin" not in other.headers
    # Without a token the gateway refuses by itself, and the app may read why.
    refused = requests.get(f"{shop.api}/me/cart", headers={"Origin": ours}, timeout=30)
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, ours)
