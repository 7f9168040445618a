"""The one door: the gateway's authorizer for everything that is not public (a Lambda authorizer of type REQUEST)."""

from typing import Any

from chalice.app import AuthRequest, AuthResponse, AuthRoute, Chalice

from souk.domains.access.actions import callers
from souk.edge.caller import header, written
from souk.edge.watch import count, logger, watched
from souk.kernel.errors import Unauthenticated

BUYERS = ("/me", "/me/*")
STAFF = ("/staff", "/staff/*")
SIGN_OUT = "/access/sign-out"
# A browser asks whether it may ask before it sends a token; which origins may is told by the function itself.
PREFLIGHT = AuthResponse([AuthRoute("/*", ["OPTIONS"])], principal_id="preflight")
OPEN_TO = {"guest": BUYERS, "member": (*BUYERS, SIGN_OUT), "staff": (*STAFF, SIGN_OUT)}

app = Chalice(app_name="souk", configure_logs=False)


@app.authorizer()
def authorize(request: AuthRequest) -> AuthResponse | dict[str, Any]:
    """Nothing for a stranger."""
    if request.method_arn.split("/")[2] == "OPTIONS":
        logger.info("preflight")
        return PREFLIGHT
    try:
        who = callers.recognise(request.token)
    except Unauthenticated:
        count("CallersUnknown")
        logger.info("unknown caller")
        return {}
    count("CallersKnown")
    logger.info("known caller", extra={"caller": who.id, "caller_kind": who.kind})
    # Every method is named: a `*` in its place would also match the first part of a longer path.
    routes: list[str | AuthRoute] = [AuthRoute(path, AuthResponse.ALL_HTTP_METHODS) for path in OPEN_TO[who.kind]]
    return AuthResponse(routes, principal_id=who.id, context={"caller": written(who)})


@watched
def answer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    token = header(event, "authorization") or ""
    policy: dict[str, Any] = authorize({**event, "authorizationToken": token}, context)
    return policy


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    policy: dict[str, Any] = answer(event, context)
    if not policy:
        raise Exception("Unauthorized")  # the gateway answers 401 to this very word
    return policy
