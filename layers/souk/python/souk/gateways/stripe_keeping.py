"""Stripe keeps methods of payment: a setup for each, which the buyer's browser confirms; later the shop charges it."""

from typing import TYPE_CHECKING

from souk.gateways.providers import CardTry, Intent, KeptMethod, PaymentRefused, Setup
from souk.gateways.stripe import client, get_intent, intent_of, refusals

if TYPE_CHECKING:
    import stripe


def open_account(owner_id: str, number: int) -> str:
    asked: stripe.params.CustomerCreateParams = {"metadata": {"owner_id": owner_id}}
    with refusals():
        return client().v1.customers.create(asked, {"idempotency_key": f"{owner_id}/account/{number}"}).id


def begin_setup(*, owner_id: str, account_id: str, number: int) -> Setup:
    """So that it may be charged while its owner is away: https://docs.stripe.com/payments/save-and-reuse."""
    asked: stripe.params.SetupIntentCreateParams = {
        "customer": account_id,
        "usage": "off_session",
        "allowed_payment_method_types": ["card"],
        "metadata": {"owner_id": owner_id},
    }
    with refusals():
        return _setup(client().v1.setup_intents.create(asked, {"idempotency_key": f"{owner_id}/setup/{number}"}))


def get_setup(setup_id: str) -> Setup:
    with refusals():
        return _setup(client().v1.setup_intents.retrieve(setup_id))


def cancel_setup(setup_id: str) -> Setup:
    try:
        with refusals():
            return _setup(client().v1.setup_intents.cancel(setup_id))
    except PaymentRefused as refused:
        if refused.facts["reason"] != "setup_intent_unexpected_state":
            raise
    return get_setup(setup_id)


def setups_tried(setup_id: str) -> list[CardTry]:
    """The last hundred, newest first."""
    asked: stripe.params.SetupAttemptListParams = {
        "setup_intent": setup_id,
        "limit": 100,
        "expand": ["data.payment_method"],
    }
    with refusals():
        page = client().v1.setup_attempts.list(asked)
    return [_setup_try(given) for given in page.data]


def kept_methods(account_id: str) -> list[KeptMethod]:
    with refusals():
        page = client().v1.payment_methods.list({"customer": account_id, "type": "card", "limit": 100})
    return [_kept(given.id, given.card) for given in reversed(page.data) if given.card]


def owner_of(id: str) -> str:
    """A method that was detached names its customer no more, but the setup that kept it does."""
    if id.startswith("seti_"):
        return get_setup(id).owner_id
    with refusals():
        page = client().v1.setup_intents.list({"payment_method": id, "limit": 1})
    return next((_setup(given).owner_id for given in page.data), "")


def forget_method(method_id: str) -> None:
    methods = client().v1.payment_methods
    try:
        with refusals():
            methods.detach(method_id)
    except PaymentRefused:
        with refusals():
            if methods.retrieve(method_id).customer:
                raise


def charge_method(intent_id: str, method_id: str, *, buyer_is_there: bool) -> Intent:
    """What a bank wants to ask somebody who is away it declines (`authentication_required`):
    https://docs.stripe.com/payments/save-and-reuse#charge-saved-payment-method
    """
    asked: stripe.params.PaymentIntentConfirmParams = {"payment_method": method_id}
    if buyer_is_there:
        asked["use_stripe_sdk"] = True
    else:
        asked["off_session"] = True
    try:
        with refusals():
            made = client().v1.payment_intents.confirm(
                intent_id, asked, {"idempotency_key": f"{intent_id}/{method_id}"}
            )
        return intent_of(made)
    except PaymentRefused:
        intent = get_intent(intent_id)
        if intent.untried:
            raise
        return intent


def _setup(given: "stripe.SetupIntent") -> Setup:
    return Setup(
        id=given.id,
        open=given.status in ("requires_payment_method", "requires_confirmation", "requires_action", "processing"),
        declined=given.last_setup_error is not None,
        owner_id=(given.metadata.to_dict() if given.metadata else {}).get("owner_id", ""),
        client_secret=given.client_secret or "",
    )


def _setup_try(given: "stripe.SetupAttempt") -> CardTry:
    method = None if isinstance(given.payment_method, str) else given.payment_method
    return CardTry(given.id, method.card.fingerprint if method and method.card else None, given.status == "failed")


def _kept(id: str, card: "stripe.PaymentMethod.Card") -> KeptMethod:
    return KeptMethod(id, card.brand, card.last4, f"{card.exp_year:04d}-{card.exp_month:02d}")
