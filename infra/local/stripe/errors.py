"""How Stripe says no: https://docs.stripe.com/api/errors."""

from typing import Any


class NoAnswer(Exception):
    """The caller never hears of this request: the connection is left hanging or dropped."""


class ApiError(Exception):
    """`kept` tells whether the answer is stored under the idempotency key: not when nothing had begun."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        type: str = "invalid_request_error",
        kept: bool = True,
        retry: bool | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.kept = status, kept
        self.headers = {} if retry is None else {"Stripe-Should-Retry": str(retry).lower()}
        fields = {"type": type, "code": code, "param": param, "message": message, **more}
        self.body = {"error": {name: value for name, value in fields.items() if value is not None}}


def no_such(kind: str, id: str, *, param: str = "id", status: int = 404) -> ApiError:
    return ApiError(f"No such {kind}: '{id}'", code="resource_missing", param=param, status=status, kept=False)


def unexpected_state(intent: dict[str, Any], verb: str, allowed: tuple[str, ...]) -> ApiError:
    """Of a PaymentIntent or a SetupIntent."""
    kind: str = intent["object"]
    name = kind.title().replace("_", "")
    about: dict[str, Any] = {kind: intent}
    return ApiError(
        f"You cannot {verb} this {name} because it has a status of {intent['status']}. Only a "
        f"{name} with one of the following statuses may be {verb}ed: {', '.join(allowed)}.",
        code=f"{kind}_unexpected_state",
        **about,
    )
