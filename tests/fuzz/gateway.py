"""API Gateway in one process: a WSGI application before the shop, which knows some callers by name."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request, Response

from access.authorize import OPEN_TO, SIGN_OUT
from souk.kernel.caller import Caller
from tests.fuzz.trade import CANARIES
from tests.support import template
from tests.support.people import People
from tests.support.shop import Answer

STAGE = "/v1"
CALLER = "Caller"
OWN = {401: "UNAUTHORIZED", 403: "ACCESS_DENIED"}


class Gateway:
    """`Caller: ana` is one of `callers`, whom no request can lock out; of all others the shop's authorizer decides."""

    def __init__(self, people: People, callers: Mapping[str, Caller]) -> None:
        self.people, self.callers = people, callers

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        answer = self._answer(request, request.path.removeprefix(STAGE))
        body = "" if answer.body is None else json.dumps(answer.body, ensure_ascii=False)
        return Response(body, answer.status, answer.headers)(environ, start_response)

    def _answer(self, request: Request, path: str) -> Answer:
        said, name, who = request.get_data().decode(errors="replace"), request.headers.get(CALLER), None
        if path.startswith(("/me", "/staff")) or path == SIGN_OUT:
            # Schemathesis repeats what it has read: a canary that is told again would be everybody's to hear.
            repeats = any(canary in said + unquote_plus(request.url) for canary in CANARIES.values())
            who = None if repeats else self.callers.get(name or "")
            if who and not any(_covers(pattern, path) for pattern in OPEN_TO[who.kind]):
                return _own(403)
            token = name and f"Bearer {name}"
            if who is None and (status := self.people.admitted(token, request.method, path)) != 200:
                return _own(status)
        return self.people.shop.call(
            request.method,
            path,
            raw=said or None,
            as_=who,
            query=request.args.to_dict(flat=False),
            headers={"content-type": "", **{name.lower(): value for name, value in request.headers}},
        )


def _covers(pattern: str, path: str) -> bool:
    return path.startswith(pattern.removesuffix("*")) if pattern.endswith("*") else path == pattern


def _own(status: int) -> Answer:
    """What the template has the gateway say by itself."""
    responses = template.read(template.API)["Resources"]["Api"]["Properties"]["GatewayResponses"]
    body = json.loads(responses[OWN[status]]["ResponseTemplates"]["application/json"])
    return Answer(status, body, {"Content-Type": "application/problem+json"})
