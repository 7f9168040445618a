"""The door of an HTTP function: routes with permissions, limits, and RFC 9457 problems."""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import ResponseBuilder, Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Header as Header
from aws_lambda_powertools.event_handler.openapi.params import Path as Path
from aws_lambda_powertools.event_handler.openapi.params import Query as Query
from pydantic import BaseModel

from souk.edge import body, caller
from souk.edge.caller import header
from souk.edge.watch import Handler, count, logger, watched
from souk.gateways.aws import may_pass
from souk.kernel import correlation, errors, masking, settings
from souk.kernel.errors import Refusal
from souk.table import audit

F = TypeVar("F", bound=Callable[..., Any])
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", description="The client's own name for this command")
]

STATUS: Mapping[type[Refusal], HTTPStatus] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Missing: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.WrongMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PlainText = Response[str]
PROBLEM = "application/problem+json"
_WITH_BODY = {"POST", "PUT", "PATCH"}
_NOT_OF_A_PATH = frozenset(map(chr, (*range(0x20), 0x7F, *range(0xD800, 0xE000))))  # controls, and half characters


class Door(NamedTuple):
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
    later = status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
    headers = {"Retry-After": str(refusal.facts.get("retry_after_seconds", 2))} if later else {}
    return problem(status, refusal.code(), refusal.title, refusal.detail, refusal.facts, headers)


class UnknownParameter(errors.Refused):
    title = "The query says something that this route does not know, or says it twice"


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
        need, by = self._needs.get((route.method, route.path)), None
        try:
            if need:
                by = caller.caller()
                by.need(need)
            if (route.method, route.path) in self._needs:  # not Powertools' own, for what it did not find
                self._need_known_parameters(route)
        except Refusal as refusal:
            return ResponseBuilder(response=refused(refusal), serializer=self._serializer, route=None)
        with audit.command(by, f"{route.method} {route.openapi_path}"):
            return super()._call_route(route, route_arguments)

    def _to_response(self, result: Any) -> Any:
        # Every answer of a route passes here, still made of models. Buyers may see all that they are answered.
        if isinstance(result, BaseModel) and (who := caller.known()) and who.kind == "staff":
            result = masking.seen(result, who)
        return super()._to_response(result)

    def _need_known_parameters(self, route: Route) -> None:
        """A filter with a slip in its name would answer everything, one said twice something."""
        known = {parameter.alias for parameter in route.dependant.query_params}
        given: dict[str, list[str]] = self.current_event.raw_event.get("multiValueQueryStringParameters") or {}
        if strange := sorted(name for name, values in given.items() if name not in known or len(values) > 1):
            raise UnknownParameter(parameters=strange[:5])

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


def http_api(media: str = JSON) -> tuple[Api, Handler]:
    """The routes' decorator and the Lambda handler that answers with them; `media` is what their bodies are of."""
    api = Api()

    @watched
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            caller.meet(event)
            event = _checked(event, media)
            answer = _preflight(api, event) if event["httpMethod"] == "OPTIONS" else api.resolve(event, context)
        except Refusal as refusal:
            answer = _plain(refused(refusal))
        answer["multiValueHeaders"] = {**answer.get("multiValueHeaders", {}), **_headers(event)}
        logger.info(
            "answered",
            extra={
                "method": event["httpMethod"],
                "resource": event.get("resource"),
                "status": answer["statusCode"],
                **_reader(event),
            },
        )
        return answer

    return api, handler


def plain(text: str) -> PlainText:
    return Response(status_code=int(HTTPStatus.OK), content_type="text/plain", body=text)


def raw_body(event: Mapping[str, Any]) -> bytes:
    """The bytes as they were sent; the gateway may have base64-encoded them."""
    text = event.get("body") or ""
    try:
        return b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except ValueError:
        raise errors.Malformed("The body is not what its encoding says") from None


def _reader(event: Mapping[str, Any]) -> dict[str, str]:
    """Who looked at what; what a stranger writes into a path stays out of the log."""
    who = caller.known()
    return {"caller": who.id, "caller_kind": who.kind, "path": event["path"]} if who else {}


def _checked(event: dict[str, Any], media: str) -> dict[str, Any]:
    """The event within its limits, its body UTF-8 and said to be of that type."""
    if not _NOT_OF_A_PATH.isdisjoint(event["path"]):
        raise errors.Missing()
    sent = raw_body(event)
    if len(sent) > body.LARGEST:
        raise body.BodyTooLarge(f"At most {body.LARGEST} bytes", bytes=len(sent))
    if event["httpMethod"] not in _WITH_BODY or not sent:
        return event
    said = (header(event, "content-type") or "").split(";")[0].strip().lower()
    if said != media or header(event, "content-encoding") not in (None, "", "identity"):
        raise body.WrongMediaType()
    try:
        sent.decode()
    except UnicodeDecodeError:
        raise errors.Malformed("The body is not UTF-8") from None
    # Powertools tells capitals from small letters in a media type, and falls over the former.
    headers = {name: value for name, value in event["headers"].items() if name.lower() != "content-type"}
    return {**event, "headers": {**headers, "content-type": media}}


def _invalid(error: RequestValidationError) -> Response[str]:
    """What is wrong and where; never the value, which may be a secret or a person's."""
    found = [{"at": ".".join(map(str, one["loc"]))[:200], "what": one["msg"]} for one in error.errors()]
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "not_valid",
        errors.Refused.title,
        "; ".join(f"{one['at']}: {one['what']}" for one in found[:5]),
        {"errors": found[:50]},
    )


def _unexpected(error: Exception) -> Response[str]:
    if may_pass(error):
        logger.warning("a service did not answer", exc_info=error)
        return refused(errors.Unavailable())
    logger.exception("unexpected", exc_info=error)
    count("Faults")
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "unexpected",
        "Something went wrong on our side",
        "It has been written down; send the same request again",
        {"request_id": correlation.current()},
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
