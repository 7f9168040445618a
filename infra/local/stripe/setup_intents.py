"""SetupIntents, by which a customer's card is kept: https://docs.stripe.com/payments/setup-intents."""

from typing import Any, Literal

from pydantic import Field

from infra.local.stripe import cards, payment_methods
from infra.local.stripe.account import Account, Object
from infra.local.stripe.errors import ApiError, no_such, unexpected_state
from infra.local.stripe.parameters import Ask, Metadata

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
AUTHENTICATION_FAILED = {
    "type": "invalid_request_error",
    "code": "setup_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication.",
}


class NewSetup(Ask):
    customer: str | None = None
    allowed_payment_method_types: list[Literal["card"]] = Field(default=["card"])
    usage: Literal["on_session", "off_session"] = "off_session"
    metadata: Metadata = Field(default_factory=dict)


class Confirmation(Ask):
    client_secret: str | None = None
    payment_method: str
    return_url: str | None = None


def create(account: Account, ask: NewSetup) -> Object:
    if ask.customer:
        account.get("customer", ask.customer, param="customer", status=400)
    setup = account.new(
        "setup_intent",
        **ask.model_dump(exclude={"expand"}),
        cancellation_reason=None,
        client_secret=None,
        description=None,
        last_setup_error=None,
        latest_attempt=None,
        mandate=None,
        next_action=None,
        payment_method=None,
        payment_method_types=ask.allowed_payment_method_types,
        status="requires_payment_method",
    )
    setup["client_secret"] = f"{setup['id']}_secret_{account.token()}"
    account.tell("setup_intent.created", setup)
    return setup


def confirm(account: Account, ask: Confirmation, id: str) -> Object:
    """The card's bank is asked, and may want its owner to be there, though nothing is charged."""
    setup = account.get("setup_intent", id)
    if ask.client_secret is not None and ask.client_secret != setup["client_secret"]:
        raise no_such("setup_intent", id, param="client_secret")
    if setup["status"] not in OPEN:
        raise unexpected_state(setup, "confirm", OPEN)
    method = payment_methods.typed_in(account, ask.payment_method)
    card = cards.by_last4(method["card"]["last4"])
    attempt = account.new(
        "setup_attempt",
        customer=setup["customer"],
        payment_method=method["id"],
        setup_error=None,
        setup_intent=id,
        status="processing",
        usage=setup["usage"],
    )
    setup.update(payment_method=method["id"], latest_attempt=attempt["id"], last_setup_error=None, next_action=None)
    if card.authenticates:
        url = f"{account.config.public_url}/3ds/{setup['client_secret']}"
        action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": ask.return_url, "url": url}}
        attempt["status"] = "requires_action"
        setup.update(status="requires_action", next_action=action)
        account.tell("setup_intent.requires_action", setup)
        return setup
    if card.code is None or card.keepable:
        _succeed(account, setup)
        return setup
    error: dict[str, Any] = {
        "type": "card_error",
        "code": card.code,
        "decline_code": card.decline_code,
        "message": cards.DECLINE_MESSAGES[card.code],
    }
    _fail(account, setup, error)
    raise ApiError(status=402, setup_intent=setup, **error)


def authenticate(account: Account, id: str, *, succeeds: bool) -> str | None:
    """The buyer answers the bank's page; answers where the browser goes next."""
    setup = account.get("setup_intent", id)
    if setup["status"] != "requires_action":
        raise unexpected_state(setup, "authenticate", ("requires_action",))
    back: str | None = setup["next_action"]["redirect_to_url"]["return_url"]
    setup["next_action"] = None
    if succeeds:
        _succeed(account, setup)
    else:
        _fail(account, setup, AUTHENTICATION_FAILED)
    return back


def cancel(account: Account, ask: Ask, id: str) -> Object:
    setup = account.get("setup_intent", id)
    if setup["status"] not in OPEN:
        raise unexpected_state(setup, "cancel", OPEN)
    setup.update(status="canceled", next_action=None)
    account.tell("setup_intent.canceled", setup)
    return setup


def _succeed(account: Account, setup: Object) -> None:
    account.get("setup_attempt", setup["latest_attempt"])["status"] = "succeeded"
    setup["status"] = "succeeded"
    if setup["customer"]:
        ask = payment_methods.Attachment(customer=setup["customer"])
        payment_methods.attach(account, ask, setup["payment_method"])
    account.tell("setup_intent.succeeded", setup)


def _fail(account: Account, setup: Object, error: dict[str, Any]) -> None:
    account.get("setup_attempt", setup["latest_attempt"]).update(status="failed", setup_error=error)
    setup.update(status="requires_payment_method", payment_method=None, last_setup_error=error)
    account.tell("setup_intent.setup_failed", setup)
