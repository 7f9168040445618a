"""The fake Stripe on a socket of this machine: API, control routes, 3-D Secure page, webhook delivery."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from string import Template
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.datastructures import MultiDict
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from infra.local.stripe import fake, intents, setup_intents
from infra.local.stripe.config import Config
from infra.local.stripe.control import control
from infra.local.stripe.courier import Courier
from infra.local.stripe.errors import ApiError, NoAnswer
from infra.local.stripe.idempotency import Reply

_PAGE = Template((Path(__file__).parent / "three_d_secure.html").read_text(encoding="utf-8"))
_ASKED_BY_BANKS = (("payment_intent", intents.authenticate), ("setup_intent", setup_intents.authenticate))
# A shop's page confirms a payment from the buyer's browser, which asks first.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
}


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """Quiet: a replay of a year's orders would fill the terminal."""


class StripeServer:
    """Listens from the start of a `with` block to its end; port 0 takes a free one.

    With `delivers=False` nothing is sent: whoever holds the server takes them from `fake.next_webhook()`.
    """

    def __init__(
        self,
        port: int = 0,
        config: Config | None = None,
        *,
        now: Callable[[], float] = time.time,
        delivers: bool = True,
    ) -> None:
        self.fake = fake.FakeStripe(now, Random(), config)
        self.lock = threading.Lock()
        self._http = make_server("127.0.0.1", port, self, threaded=True, request_handler=Handler)
        self.url = f"http://127.0.0.1:{self._http.port}"
        self.fake.configure({"public_url": self.url})
        self._listener = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, name="stripe-http", daemon=True
        )
        self._courier = Courier(self.fake, self.lock) if delivers else None

    def __enter__(self) -> "StripeServer":
        self._listener.start()
        if self._courier:
            self._courier.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        if self._courier:
            self._courier.end()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._respond(request)
        except NoAnswer:
            time.sleep(self.fake.config.hang_seconds)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            response = Response()
        except ApiError as error:
            response = _json(error.status, error.body)
        if self._courier:
            self._courier.wake()
        response.headers.update(_CORS)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status=204)
        if request.path.startswith("/3ds/"):
            return self._authentication(request, request.path.removeprefix("/3ds/"))
        if request.path.startswith("/_fake/"):
            with self.lock:
                return _json(200, control(self.fake, request.method, request.path, _body(request)))
        return self._api(request)

    def _api(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.authorization and request.authorization.type == "basic":
            headers["authorization"] = f"Bearer {request.authorization.username}"
        asked = fake.Request(request.method, request.path, headers, _form(request.values))
        with self.lock:
            begun = self.fake.begin(asked)
        # Outside the lock, so that a second request can meet this one while it runs.
        time.sleep(self.fake.config.latency_seconds)
        if not isinstance(begun, Reply):
            with self.lock:
                begun = self.fake.finish(begun)
        return _json(begun.status, begun.body, begun.headers)

    def _authentication(self, request: Request, client_secret: str) -> Response:
        intent_id, _, _ = client_secret.partition("_secret_")
        with self.lock:
            kind, asked = _ASKED_BY_BANKS[intent_id.startswith("seti_")]
            intent = self.fake.account.get(kind, intent_id)
            if intent["client_secret"] != client_secret:
                raise ApiError("No such page.", status=404)
            if request.method == "POST":
                succeeds = request.form.get("outcome") == "succeed"
                back = asked(self.fake.account, intent_id, succeeds=succeeds)
                return redirect(back, 303) if back else Response("Done. You may close this window.")
        paid = f"a payment of {intent['amount']} {intent['currency'].upper()}" if "amount" in intent else "your card"
        return Response(_PAGE.substitute(what=paid), mimetype="text/html")


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body, indent=2), status, headers, mimetype="application/json")


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.get_data() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ApiError("The body is not a JSON object.")
    return body


def _form(values: MultiDict[str, str]) -> dict[str, str]:
    """Curl's `expand[]=a&expand[]=b` becomes what the SDK sends: `expand[0]=a&expand[1]=b`."""
    form = {}
    for name, given in values.lists():
        for place, value in enumerate(given):
            form[name.replace("[]", f"[{place}]")] = value
    return form
