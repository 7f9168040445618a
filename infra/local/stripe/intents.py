"""PaymentIntents: https://docs.stripe.com/payments/paymentintents/lifecycle."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import Field

from infra.local.stripe import cards, charges, disputes, payment_methods
from infra.local.stripe.account import Account, Object, need_coins
from infra.local.stripe.errors import ApiError, no_such, unexpected_state
from infra.local.stripe.parameters import Ask, Metadata

SMALLEST_AMOUNT = 50
LARGEST_AMOUNT = 99_999_999
HOLD_SECONDS = 7 * 24 * 3600
PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*PAYABLE, "requires_capture", "processing")
AUTHENTICATION_FAILED = {
    "type": "invalid_request_error",
    "code": "payment_intent_authentication_failure",
    "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or "
    "a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
}

CancellationReason = Literal["duplicate", "fraudulent", "requested_by_customer", "abandoned"]
Currency = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]


class NewIntent(Ask):
    amount: int
    currency: Currency
    allowed_payment_method_types: list[str] = Field(default=["card"])
    payment_method_types: list[str] | None = None
    capture_method: Literal["automatic", "automatic_async", "manual"] = "automatic_async"
    confirm: bool = False
    customer: str | None = None
    description: str | None = None
    metadata: Metadata = Field(default_factory=dict)
    payment_method: str | None = None
    payment_method_options: dict[cards.MethodType, dict[str, str]] = Field(default_factory=dict)
    receipt_email: str | None = None
    return_url: str | None = None


class ChangedIntent(Ask):
    amount: int | None = None
    description: str | None = None
    metadata: Metadata = Field(default_factory=dict)
    receipt_email: str | None = None


class Confirmation(Ask):
    client_secret: str | None = None
    off_session: bool = False
    payment_method: str | None = None
    return_url: str | None = None
    use_stripe_sdk: bool = False


class Capture(Ask):
    amount_to_capture: Annotated[int, Field(ge=1)] | None = None
    metadata: Metadata = Field(default_factory=dict)


class Cancellation(Ask):
    cancellation_reason: CancellationReason | None = None


def create(account: Account, ask: NewIntent) -> Object:
    if ask.payment_method_types is not None:
        raise ApiError(
            "The parameter payment_method_types is no longer supported.",
            code="payment_method_types_no_longer_supported",
            param="payment_method_types",
            kept=False,
        )
    _check_amount(ask.amount)
    need_coins(ask.amount, ask.currency)
    if ask.capture_method == "manual" and not {"card", "paypal"}.issuperset(ask.allowed_payment_method_types):
        raise ApiError("The payment methods do not support manual capture.", param="capture_method", kept=False)
    if ask.customer:
        account.get("customer", ask.customer, param="customer", status=400)
    if ask.payment_method:
        payment_methods.card_of(account, ask.payment_method, ask.customer)
    intent = account.new(
        "payment_intent",
        allowed_payment_method_types=ask.allowed_payment_method_types,
        amount=ask.amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        application=None,
        application_fee_amount=None,
        automatic_payment_methods=None,
        canceled_at=None,
        cancellation_reason=None,
        capture_method=ask.capture_method,
        client_secret=None,
        confirmation_method="automatic",
        currency=ask.currency.lower(),
        customer=ask.customer,
        description=ask.description,
        last_payment_error=None,
        latest_charge=None,
        metadata=_merged({}, ask.metadata),
        next_action=None,
        payment_method=ask.payment_method,
        payment_method_options=ask.payment_method_options,
        payment_method_types=ask.allowed_payment_method_types,
        processing=None,
        receipt_email=ask.receipt_email,
        setup_future_usage=None,
        shipping=None,
        status="requires_confirmation" if ask.payment_method else "requires_payment_method",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{account.token()}"
    account.tell("payment_intent.created", intent)
    if ask.confirm:
        return confirm(account, Confirmation(return_url=ask.return_url), intent["id"])
    return intent


def update(account: Account, ask: ChangedIntent, id: str) -> Object:
    intent = account.get("payment_intent", id)
    changes: dict[str, Any] = ask.model_dump(exclude_none=True, exclude={"expand", "metadata"})
    if "amount" in changes:
        if intent["status"] not in PAYABLE:
            raise unexpected_state(intent, "update", PAYABLE)
        _check_amount(changes["amount"])
        need_coins(changes["amount"], intent["currency"])
    intent.update(changes, metadata=_merged(intent["metadata"], ask.metadata))
    return intent


def confirm(account: Account, ask: Confirmation, id: str) -> Object:
    intent = account.get("payment_intent", id)
    if ask.client_secret is not None and ask.client_secret != intent["client_secret"]:
        raise no_such("payment_intent", id, param="client_secret")
    if intent["status"] not in PAYABLE:
        raise unexpected_state(intent, "confirm", PAYABLE)
    method = ask.payment_method or intent["payment_method"]
    if method is None:
        raise ApiError(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    card = payment_methods.card_of(account, method, intent["customer"])
    _check_type(intent, card.type)
    intent.update(payment_method=method, last_payment_error=None, next_action=None)
    if card.authenticates and not ask.off_session:
        _ask_for_authentication(account, intent, card, ask)
        return intent
    # https://docs.stripe.com/payments/save-and-reuse#charge-saved-payment-method
    _charge(account, intent, cards.unanswered(card) if card.authenticates and not card.exempt else card)
    if error := intent["last_payment_error"]:
        raise ApiError(status=402, payment_intent=intent, **error)
    return intent


def authenticate(account: Account, id: str, *, succeeds: bool) -> str | None:
    """The buyer answers the bank's 3-D Secure page, or agrees in the wallet; answers where the browser goes next."""
    intent = account.get("payment_intent", id)
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticate", ("requires_action",))
    action = intent["next_action"]
    back = action[action["type"]].get("return_url")
    card = payment_methods.card_of(account, intent["payment_method"], intent["customer"])
    intent["next_action"] = None
    if succeeds:
        _charge(account, intent, card)
    else:
        _fail(account, intent, AUTHENTICATION_FAILED)
    if back is None:
        return None
    query = {
        "payment_intent": id,
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "failed" if intent["last_payment_error"] else "succeeded",
    }
    return f"{back}{'&' if '?' in back else '?'}{urlencode(query)}"


def capture(account: Account, ask: Capture, id: str) -> Object:
    intent = account.get("payment_intent", id)
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "capture", ("requires_capture",))
    amount = ask.amount_to_capture or intent["amount_capturable"]
    if amount > intent["amount_capturable"]:
        raise ApiError(
            f"The amount_to_capture ({amount}) is greater than the amount you can capture "
            f"({intent['amount_capturable']}) for this PaymentIntent.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charge = account.get("charge", intent["latest_charge"])
    charges.capture(charge, amount)
    charges.settle(account, charge)
    intent["metadata"] = _merged(intent["metadata"], ask.metadata)
    account.tell("charge.captured", charge)
    _succeed(account, intent, amount)
    return intent


def cancel(account: Account, ask: Cancellation, id: str) -> Object:
    intent = account.get("payment_intent", id)
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(intent, "cancel", CANCELABLE)
    _end(account, intent, ask.cancellation_reason, "charge.refunded")
    return intent


def expire_hold(account: Account, id: str) -> None:
    """An authorisation that nobody captured lapses after a week."""
    intent = account.get("payment_intent", id)
    if intent["status"] == "requires_capture":
        _end(account, intent, "automatic", "charge.expired")


def _end(account: Account, intent: Object, reason: str | None, charge_event: str) -> None:
    if intent["status"] == "requires_capture":
        charge = account.get("charge", intent["latest_charge"])
        charges.release(charge)
        account.tell(charge_event, charge)
    intent.update(
        status="canceled",
        amount_capturable=0,
        canceled_at=int(account.now()),
        cancellation_reason=reason,
        next_action=None,
    )
    account.tell("payment_intent.canceled", intent)


def _ask_for_authentication(account: Account, intent: Object, card: cards.Card, ask: Confirmation) -> None:
    url = f"{account.config.public_url}/3ds/{intent['client_secret']}"
    kind, how = _NEXT_ACTIONS.get(card.type, _WITHIN_THE_PAGE if ask.use_stripe_sdk else _REDIRECT)
    intent.update(status="requires_action", next_action={"type": kind, kind: how(url, ask.return_url)})
    account.tell("payment_intent.requires_action", intent)


_WITHIN_THE_PAGE = ("use_stripe_sdk", lambda url, back: {"type": "three_d_secure_redirect", "stripe_js": url})
_REDIRECT = ("redirect_to_url", lambda url, back: {"return_url": back, "url": url})
_NEXT_ACTIONS = {
    "alipay": (
        "alipay_handle_redirect",
        lambda url, back: {"native_data": None, "native_url": None, "return_url": back, "url": url},
    ),
    "wechat_pay": (
        "wechat_pay_display_qr_code",
        lambda url, back: {"data": url, "hosted_instructions_url": url, "image_url_png": url, "image_url_svg": url},
    ),
}


def _check_type(intent: Object, type: cards.MethodType) -> None:
    if type not in intent["allowed_payment_method_types"]:
        raise ApiError(
            f"The PaymentMethod provided ({type}) is not allowed for this PaymentIntent.", param="payment_method"
        )
    if type == "wechat_pay" and intent["payment_method_options"].get(type, {}).get("client") != "web":
        raise ApiError("Missing required param: payment_method_options[wechat_pay][client].", code="parameter_missing")


def _charge(account: Account, intent: Object, card: cards.Card) -> None:
    method, amount = intent["payment_method"], intent["amount"]
    charge = charges.make(account, intent, method, card)
    intent["latest_charge"] = charge["id"]
    if card.code is not None:
        account.tell("charge.failed", charge)
        _fail(account, intent, _declined(charge, card))
    elif intent["capture_method"] == "manual":
        account.tell("charge.succeeded", charge)
        intent.update(status="requires_capture", amount_capturable=amount)
        account.tell("payment_intent.amount_capturable_updated", intent)
        account.later(HOLD_SECONDS, "expire_hold", intent["id"])
    else:
        _take(account, intent, charge)
        if card.dispute:
            disputes.open(account, charge, card.dispute)


def _take(account: Account, intent: Object, charge: Object) -> None:
    """With `automatic_async` the fee and the balance transaction are known only after the success is told."""
    charges.capture(charge, intent["amount"])
    at_once = intent["capture_method"] == "automatic"
    if at_once:
        charges.settle(account, charge)
    account.tell("charge.succeeded", charge)
    _succeed(account, intent, intent["amount"])
    if not at_once:
        charges.settle(account, charge)
        account.tell("charge.updated", charge, {"balance_transaction": None})


def _succeed(account: Account, intent: Object, amount: int) -> None:
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    account.tell("payment_intent.succeeded", intent)


def _fail(account: Account, intent: Object, error: Object) -> None:
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error)
    account.tell("payment_intent.payment_failed", intent)


def _declined(charge: Object, card: cards.Card) -> Object:
    return {
        "type": "card_error",
        "code": card.code,
        "decline_code": card.decline_code,
        "charge": charge["id"],
        "message": charge["failure_message"],
        "payment_method": {"id": charge["payment_method"], **charges.details(card)},
    }


def _check_amount(amount: int) -> None:
    if amount < SMALLEST_AMOUNT:
        sentence, code = "Amount must convert to at least 50 cents.", "amount_too_small"
    elif amount > LARGEST_AMOUNT:
        sentence, code = "Amount must be no more than $999,999.99", "amount_too_large"
    else:
        return
    raise ApiError(sentence, code=code, param="amount", kept=False)


def _merged(metadata: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    """An empty value unsets its key."""
    return {name: value for name, value in (metadata | changes).items() if value}
