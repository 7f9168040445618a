"""The shop's one address: the docs page, and the API behind it just as it was asked."""

import re
import threading
import zipfile
from collections.abc import Iterator

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from infra.local.processes import free_ports
from infra.local.telephone import Telephone
from infra.local.web import ASSETS, SWAGGER_UI, web


@Request.application
def gateway(request: Request) -> Response:
    """Answers with what arrived."""
    answer = Response(f"{request.method} {request.environ['REQUEST_URI']} {request.get_data(as_text=True)}", 201)
    answer.headers["X-Caller"] = request.headers.get("Authorization", "")
    return answer


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    layer = tmp_path_factory.mktemp("layer") / "vendor.zip"
    with zipfile.ZipFile(layer, "w") as archive:
        for name in ASSETS:
            archive.writestr(SWAGGER_UI + name, f"of {name}")
    upstream = make_server("127.0.0.1", 0, gateway, threaded=True)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    plain = f"http://127.0.0.1:{upstream.port}"
    with web(free_ports(1), f"{plain}/stage", f"{plain}/bucket/media", layer, Telephone(None)) as address:
        yield address
    upstream.shutdown()


def test_the_api_is_asked_as_it_was_written(address: str) -> None:
    answer = requests.post(
        f"{address}/v1/shop/%E4%B8%AD%2Fa%20b?q=%E5%9B%BD&q=x+y",
        data="{}",
        headers={"Authorization": "Bearer me"},
        timeout=9,
    )
    assert answer.text == "POST /stage/shop/%E4%B8%AD%2Fa%20b?q=%E5%9B%BD&q=x+y {}"
    assert (answer.status_code, answer.headers["X-Caller"]) == (201, "Bearer me")


def test_the_buyers_telephone_is_there(address: str) -> None:
    assert "Nothing" in requests.get(f"{address}/telephone", timeout=9).text
    assert requests.post(f"{address}/telephone/NUMBER", timeout=9).status_code == 404


def test_pictures_are_fetched_from_the_bucket(address: str) -> None:
    answer = requests.get(f"{address}/media/prd_1/a.png", timeout=9)
    assert answer.text == "GET /bucket/media/prd_1/a.png "


def test_the_docs_page_finds_all_it_needs(address: str) -> None:
    page = requests.get(f"{address}/", timeout=9)
    assert page.url == f"{address}/docs"
    needed = set(re.findall(r'"(docs/[^"]+)"', page.text))
    assert needed == {"docs/openapi.json", *(f"docs/{name}" for name in ASSETS)}
    for name, kind in ASSETS.items():
        asset = requests.get(f"{address}/docs/{name}", timeout=9)
        assert (asset.text, asset.headers["Content-Type"].split(";")[0]) == (f"of {name}", kind)


def test_the_page_tries_the_api_at_this_address(address: str) -> None:
    assert requests.get(f"{address}/docs/openapi.json", timeout=9).json()["servers"] == [{"url": "/v1"}]


def test_anything_else_is_not_found(address: str) -> None:
    assert requests.get(f"{address}/docs/../pyproject.toml", timeout=9).status_code == 404
    assert requests.get(f"{address}/nowhere", timeout=9).status_code == 404
