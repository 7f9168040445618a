"""The door of an HTTP function: routes with permissions, limits, and RFC 9457 problems."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import ResponseBuilder, Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Header

from souk.edge import body, caller
from souk.edge.caller import header
from souk.edge.watch import Handler, count, logger, watched
from souk.kernel import errors, settings
from souk.kernel.errors import Refusal

F = TypeVar("F", bound=Callable[..., Any])
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", description="The client's own name for this command")
]

# The most telling family first: a class's own line wins over its parents'.
STATUS: Mapping[type[Refusal], HTTPStatus] = {
    body.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    body.WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Missing: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PROBLEM = "application/problem+json"
_WITH_BODY = {"POST", "PUT", "PATCH"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Door:
    """One line of the route table: `may` None is public."""

    method: str
    path: str
    may: str | None


def status_of(refusal: Refusal | type[Refusal]) -> HTTPStatus:
    kind = refusal if isinstance(refusal, type) else type(refusal)
    return next(STATUS[parent] for parent in kind.__mro__ if parent in STATUS)


def problem(
    status: HTTPStatus,
    code: str,
    title: str,
    detail: str,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    told = {**(facts or {}), "type": f"urn:souk:{code}", "title": title, "status": int(status), "code": code}
    return Response(
        status_code=int(status),
        content_type=PROBLEM,
        headers=dict(headers or {}),
        body=json.dumps({**told, "detail": detail}, ensure_ascii=False, default=str),
    )


def refused(refusal: Refusal) -> Response[str]:
    status = status_of(refusal)
    headers = {"Retry-After": "2"} if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS) else {}
    return problem(status, refusal.code(), refusal.title, refusal.detail, refusal.facts, headers)


class Api(APIGatewayRestResolver):
    """Powertools' resolver, in which a route names who may use it."""

    def __init__(self) -> None:
        super().__init__(enable_validation=True, json_body_deserializer=body.read, serializer=_compact)
        self.doors: list[Door] = []
        self._needs: dict[tuple[str, str], str | None] = {}
        self.exception_handler(Refusal)(refused)
        self.exception_handler(RequestValidationError)(_invalid)
        self.exception_handler(NotFoundError)(self._no_route)
        self.exception_handler(Exception)(_unexpected)

    def route(  # type: ignore[override]
        self,
        rule: str,
        method: str,
        *,
        may: str | None = None,
        public: bool = False,
        status: HTTPStatus = HTTPStatus.OK,
        **more: Any,
    ) -> Callable[[F], F]:
        """A route for those who hold `may`, or `public=True` for all; `{name}` is a path parameter."""
        if public == bool(may):
            raise TypeError(f"{method} {rule} needs a permission, or public=True")
        powertools_rule = rule.replace("{", "<").replace("}", ">")
        self.doors.append(Door(method, rule, may))
        self._needs[method, powertools_rule] = may
        return super().route(powertools_rule, method, status_code=int(status), **more)

    def get(self, rule: str, **more: Any) -> Callable[[F], F]:  # type: ignore[override]
        return self.route(rule, "GET", **more)

    def post(self, rule: str, **more: Any) -> Callable[[F], F]:  # type: ignore[override]
        return self.route(rule, "POST", **more)

    def put(self, rule: str, **more: Any) -> Callable[[F], F]:  # type: ignore[override]
        return self.route(rule, "PUT", **more)

    def patch(self, rule: str, **more: Any) -> Callable[[F], F]:  # type: ignore[override]
        return self.route(rule, "PATCH", **more)

    def delete(self, rule: str, **more: Any) -> Callable[[F], F]:  # type: ignore[override]
        return self.route(rule, "DELETE", **more)

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> ResponseBuilder[Any]:
        # Before validation, which is Powertools' first step: a stranger learns nothing of what a body should hold.
        need = self._needs.get((route.method, route.path))
        if need:
            try:
                caller.caller().need(need)
            except Refusal as refusal:
                return ResponseBuilder(response=refused(refusal), serializer=self._serializer, route=None)
        return super()._call_route(route, route_arguments)

    def methods_of(self, path: str) -> list[str]:
        return sorted({route.method for route in self._static_routes + self._dynamic_routes if route.rule.match(path)})

    def _no_route(self, _: NotFoundError) -> Response[str]:
        others = self.methods_of(self.current_event.path)
        if others:
            return problem(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Not a method of this path",
                f"Use {' or '.join(others)}",
                headers={"Allow": ", ".join(others)},
            )
        return refused(errors.Missing())


def http_api() -> tuple[Api, Handler]:
    """The routes' decorator and the Lambda handler that answers with them."""
    api = Api()

    @watched
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            caller.meet(event)
            _check(event)
            answer = _preflight(api, event) if event["httpMethod"] == "OPTIONS" else api.resolve(event, context)
        except Refusal as refusal:
            answer = _plain(refused(refusal))
        answer["multiValueHeaders"] = {**answer.get("multiValueHeaders", {}), **_headers(event)}
        count(f"Answers{answer['statusCode'] // 100}xx")
        logger.info(
            "answered",
            extra={"method": event["httpMethod"], "resource": event.get("resource"), "status": answer["statusCode"]},
        )
        return answer

    return api, handler


def raw_body(event: Mapping[str, Any]) -> bytes:
    """The bytes as they were sent; the gateway may have base64-encoded them."""
    text = event.get("body") or ""
    return b64decode(text) if event.get("isBase64Encoded") else text.encode()


def _check(event: Mapping[str, Any]) -> None:
    if _CONTROL.search(event["path"]):
        raise errors.Missing()
    size = len(event.get("body") or "")
    if size > body.LARGEST:
        raise body.BodyTooLarge(f"At most {body.LARGEST} bytes", bytes=size)
    if event["httpMethod"] in _WITH_BODY and size:
        media = (header(event, "content-type") or "").split(";")[0].strip().lower()
        if media != "application/json" or header(event, "content-encoding") not in (None, "", "identity"):
            raise body.WrongMediaType()


def _invalid(error: RequestValidationError) -> Response[str]:
    """What is wrong and where; never the value, which may be a secret or a person's."""
    found = [{"at": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "not_valid",
        errors.Refused.title,
        "; ".join(f"{one['at']}: {one['what']}" for one in found[:5]),
        {"errors": found[:50]},
    )


def _unexpected(error: Exception) -> Response[str]:
    logger.exception("unexpected", exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "unexpected",
        "Something went wrong on our side",
        "It has been written down; send the same request again",
        {"request_id": logger.get_correlation_id()},
    )


def _preflight(api: Api, event: Mapping[str, Any]) -> dict[str, Any]:
    """What a browser asks before it calls from another origin (the CORS protocol of the Fetch standard)."""
    methods = api.methods_of(event["path"])
    if not methods:
        raise errors.Missing()
    told = {"Allow": ", ".join(methods)}
    if "Access-Control-Allow-Origin" in _headers(event):
        told |= {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": "authorization, content-type, accept-language, idempotency-key",
            "Access-Control-Max-Age": "7200",
        }
    return {
        "statusCode": int(HTTPStatus.NO_CONTENT),
        "body": "",
        "multiValueHeaders": {name: [value] for name, value in told.items()},
    }


def _headers(event: Mapping[str, Any]) -> dict[str, list[str]]:
    origin = header(event, "origin")
    always = {
        "X-Content-Type-Options": ["nosniff"],
        "Strict-Transport-Security": ["max-age=63072000"],
        "Vary": ["Origin, Accept-Language"],
    }
    if origin and origin in settings.allowed_origins():
        return {
            **always,
            "Access-Control-Allow-Origin": [origin],
            "Access-Control-Expose-Headers": ["Retry-After"],
        }
    return always


def _plain(response: Response[str]) -> dict[str, Any]:
    return {
        "statusCode": response.status_code,
        "body": response.body,
        "isBase64Encoded": False,
        "multiValueHeaders": {"Content-Type": [PROBLEM], **{k: [str(v)] for k, v in response.headers.items()}},
    }


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
