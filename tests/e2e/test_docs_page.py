"""The page on which a newcomer clicks through the API of the running shop."""

import requests

from infra.local.shop import Shop


def test_the_page_shows_this_shop(shop: Shop) -> None:
    assert requests.get(shop.docs, timeout=30).status_code == 200
    bundle = requests.get(f"{shop.docs}/swagger-ui-bundle.min.js", timeout=30)
    assert "SwaggerUIBundle" in bundle.text
    paths = requests.get(f"{shop.docs}/openapi.json", timeout=30).json()["paths"]
    assert requests.get(f"{shop.api}/shop/stores", timeout=30).status_code == 200
    assert "/shop/stores" in paths
