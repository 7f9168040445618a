"""The shop's one address on this machine: the API below /v1, pictures below /media, a page to try it all at /docs, and
the buyer's telephone with its two providers.

Both have the same origin, so "Try it out" needs no CORS, and the API has one short address, whatever its id.
"""

import json
import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.http_proxy import ProxyMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from infra.local.processes import ROOT
from infra.local.telephone import PATHS

# Powertools brings Swagger UI along, and the vendor layer is there whenever the shop is.
SWAGGER_UI = "python/aws_lambda_powertools/event_handler/openapi/swagger_ui/"
ASSETS = {"swagger-ui-bundle.min.js": "text/javascript", "swagger-ui.min.css": "text/css"}
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Souk API</title>
<link rel="stylesheet" href="docs/swagger-ui.min.css">
<div id="api"></div>
<script src="docs/swagger-ui-bundle.min.js"></script>
<script>
  SwaggerUIBundle({
    url: "docs/openapi.json", dom_id: "#api", deepLinking: true, filter: true,
    docExpansion: "none", persistAuthorization: true, tryItOutEnabled: true
  })
</script>
</html>
"""


class Pages:
    """The page, its assets, and the API's description with this server as its address."""

    def __init__(self, vendor_layer: Path) -> None:
        self.vendor_layer = vendor_layer

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer: Response | HTTPException
        try:
            answer = self.answer(environ["PATH_INFO"].rstrip("/"))
        except HTTPException as refusal:
            answer = refusal
        return answer(environ, start_response)

    def answer(self, path: str) -> Response:
        match path.split("/")[1:]:
            case []:
                return Response(status=302, headers={"Location": "/docs"})
            case ["docs"]:
                return Response(PAGE, mimetype="text/html")
            case ["docs", "openapi.json"]:
                return Response(json.dumps(description()), mimetype="application/json")
            case ["docs", name] if name in ASSETS:
                return Response(asset(self.vendor_layer, name), mimetype=ASSETS[name])
        raise NotFound


def description() -> dict[str, Any]:
    printed = ROOT / "docs/api/openapi.json"
    if not printed.exists():
        raise NotFound("docs/api/openapi.json is missing: `make docs` prints it.")
    return {**json.loads(printed.read_text(encoding="utf-8")), "servers": [{"url": "/v1"}]}


@cache
def asset(vendor_layer: Path, name: str) -> bytes:
    with zipfile.ZipFile(vendor_layer) as archive:
        return archive.read(SWAGGER_UI + name)


class Gateway(ProxyMiddleware):
    """Forwards a path as it was written: it is not decoded and quoted again."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = urlsplit(environ["REQUEST_URI"]).path
        return super().__call__(environ, start_response)


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """Each function already logs its requests."""


@contextmanager
def web(
    port: int, stage_address: str, media_address: str, vendor_layer: Path, telephone: WSGIApplication
) -> Iterator[str]:
    """Serve until the block ends; the address without a trailing slash."""
    targets = {
        prefix: {"target": address, "remove_prefix": True, "host": None}
        for prefix, address in (("/v1", stage_address), ("/media", media_address))
    }
    pages = Pages(vendor_layer)

    def page_or_telephone(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        application = telephone if environ["PATH_INFO"].startswith(PATHS) else pages
        return application(environ, start_response)

    application = Gateway(page_or_telephone, targets, timeout=40)
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
