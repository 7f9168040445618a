"""A fake provider on a socket of this machine; whoever holds it takes its notices and hands them over."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Generic, NamedTuple, Protocol, TypeVar
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from infra.local.stripe.server import Handler

Fake = TypeVar("Fake", bound="Answering")


class NoAnswer(Exception):
    """The caller never hears of this request."""


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Answering(Protocol):
    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """`target` with its query, `headers` by their names in lower case."""


def answered(fault: str | None, answer: Callable[[], Reply]) -> Reply:
    """The answer, or what goes wrong on the way to it or back: nobody answers, or somebody who stands between."""
    if fault == "timeout_before":
        raise NoAnswer
    if fault == "proxy":
        return Reply(403, {"Content-Type": "text/html"}, b"<html><h1>Forbidden</h1></html>")
    reply = answer()
    if fault == "timeout_after":
        raise NoAnswer
    return reply


class Server(Generic[Fake]):
    """Listens from the start of a `with` block to its end; port 0 takes a free one."""

    def __init__(
        self,
        make: Callable[[Callable[[], float], Random], Fake],
        port: int = 0,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.fake = make(now, Random())
        self.hang_seconds = 0.0
        self._lock = threading.Lock()
        self._http = make_server("127.0.0.1", port, self, threaded=True, request_handler=Handler)
        self.url = f"http://127.0.0.1:{self._http.port}"
        self._listener = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, name="fake-provider", daemon=True
        )

    def __enter__(self) -> "Server[Fake]":
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            with self._lock:
                reply = self.fake.handle(request.method, request.path + query, headers, request.get_data())
        except NoAnswer:
            time.sleep(self.hang_seconds)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return Response()(environ, start_response)
        return Response(reply.body, reply.status, reply.headers)(environ, start_response)
