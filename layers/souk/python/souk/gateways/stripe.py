"""Stripe: payment intents, refunds, disputes and what moved on the account; how its SDK is spoken to."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from souk.gateways import secrets
from souk.gateways.metrics import count
from souk.gateways.providers import (
    ANYBODY,
    AskedOtherwise,
    CardTry,
    Dispute,
    Event,
    Intent,
    Payer,
    PaymentProviderFailed,
    PaymentProviderUnavailable,
    PaymentRefused,
    Refund,
    UnknownToProvider,
)
from souk.kernel import settings
from souk.kernel.paying import COUNTED_OTHERWISE

if TYPE_CHECKING:
    import stripe

API_VERSION = "2026-10-28.endive"
# Two tries and the pause between them stay below the 29 seconds of API Gateway; the SDK's own are 3 times 80.
TIMEOUT_SECONDS = 8.0
TRIES_AGAIN = 1
# UnionPay is a card: https://docs.stripe.com/payments/china-unionpay
TYPES = {"card": "card", "paypal": "paypal", "alipay_abroad": "alipay", "wechat_pay_abroad": "wechat_pay"}
OPTIONS: "dict[str, stripe.params.PaymentIntentCreateParamsPaymentMethodOptions]" = {
    "wechat_pay_abroad": {"wechat_pay": {"client": "web"}}
}

# Stripe authorises these before it takes the money; its Chinese wallets take it at once.
AUTHORISED = {"card", "paypal"}


class BalanceTransaction(NamedTuple):
    """What moved on the account's balance, and why (`category`); `presented` is what the buyer paid or got back."""

    id: str
    created_at: datetime
    category: str
    source_id: str
    currency: str
    gross_minor: int
    fee_minor: int
    net_minor: int
    presented_currency: str
    presented_minor: int


def publishable_key() -> str:
    return str(secrets.read(settings.stripe_secret())["publishable_key"])


def create_intent(
    *,
    order_id: str,
    attempt: int,
    amount_minor: int,
    currency: str,
    method: str = "card",
    payer: Payer = ANYBODY,
    authorise_only: bool = False,
) -> Intent:
    """The same order and attempt give the same intent for 24 hours, however often it is asked for."""
    if currency in COUNTED_OTHERWISE:
        raise PaymentRefused(f"Payments in {currency} are not supported", reason="currency_not_supported")
    asked: stripe.params.PaymentIntentCreateParams = {
        "amount": amount_minor,
        "currency": currency.lower(),
        "allowed_payment_method_types": [TYPES[method]],
        "payment_method_options": OPTIONS.get(method, {}),
        "metadata": {"order_id": order_id, "attempt": str(attempt)},
    }
    if payer.account:
        asked["customer"] = payer.account
    if authorise_only and method in AUTHORISED:
        asked["capture_method"] = "manual"
    with refusals():
        made = client().v1.payment_intents.create(asked, {"idempotency_key": f"{order_id}/{attempt}"})
    return intent_of(made)


def get_intent(intent_id: str) -> Intent:
    with refusals():
        return intent_of(client().v1.payment_intents.retrieve(intent_id))


def capture_intent(intent_id: str) -> Intent:
    return _as_it_stands(intent_id, client().v1.payment_intents.capture)


def cancel_intent(intent_id: str) -> Intent:
    return _as_it_stands(intent_id, client().v1.payment_intents.cancel)


def _as_it_stands(intent_id: str, change: "Callable[[str], stripe.PaymentIntent]") -> Intent:
    """Changed, or found in a state in which it cannot be any more."""
    try:
        with refusals():
            return intent_of(change(intent_id))
    except PaymentRefused as refused:
        if refused.facts["reason"] != "payment_intent_unexpected_state":
            raise
    return get_intent(intent_id)


def refund(*, order_id: str, refund_id: str, intent_id: str, amount_minor: int) -> Refund:
    """The same `refund_id` gives the same refund for 24 hours, however often it is asked for."""
    with refusals():
        made = client().v1.refunds.create(
            {
                "payment_intent": intent_id,
                "amount": amount_minor,
                "metadata": {"order_id": order_id, "refund_id": refund_id},
            },
            {"idempotency_key": refund_id},
        )
    return _refund(made)


def get_refund(id: str, intent_id: str) -> Refund:
    with refusals():
        return _refund(client().v1.refunds.retrieve(id))


def refunds_of(intent_id: str) -> list[Refund]:
    """Every refund of a payment, newest first."""
    with refusals():
        page = client().v1.refunds.list({"payment_intent": intent_id, "limit": 100})
    return [_refund(given) for given in page.data]


def cards_tried(intent_id: str) -> list[CardTry]:
    """The last hundred, newest first."""
    with refusals():
        page = client().v1.charges.list({"payment_intent": intent_id, "limit": 100})
    return [_card_try(given) for given in page.data]


def get_dispute(id: str) -> Dispute:
    with refusals():
        return _dispute(client().v1.disputes.retrieve(id))


def disputes_since(since: datetime) -> Iterator[Dispute]:
    """Those that were opened since then, newest first, a hundred to a call."""
    with refusals():
        created: stripe.params.DisputeListParamsCreated = {"gte": int(since.timestamp())}
        found = client().v1.disputes.list({"created": created, "limit": 100, "expand": ["data.payment_intent"]})
        for given in found.auto_paging_iter():
            yield _dispute(given)


def submit_evidence(id: str, text: str) -> Dispute:
    """The bank takes it once: https://docs.stripe.com/disputes/api."""
    with refusals():
        return _dispute(client().v1.disputes.update(id, {"evidence": {"uncategorized_text": text}, "submit": True}))


def accept_dispute(id: str) -> Dispute:
    """It is lost with that, for good."""
    with refusals():
        return _dispute(client().v1.disputes.close(id))


def balance_transactions(since: datetime, until: datetime) -> Iterator[BalanceTransaction]:
    """All of a time, newest first, a hundred to a call."""
    with refusals():
        found = client().v1.balance_transactions.list(
            {
                "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
                "limit": 100,
                "expand": ["data.source"],
            }
        )
        for made in found.auto_paging_iter():
            yield _transaction(made)


def hear(body: bytes, headers: Mapping[str, str], now: datetime) -> Event:
    from souk.gateways import stripe_webhooks

    return stripe_webhooks.hear(body, headers, now)


def find_refund(*, order_id: str, refund_id: str, intent_id: str) -> Refund | None:
    return next((one for one in refunds_of(intent_id) if one.refund_id == refund_id), None)


@cache
def _sdk() -> Any:
    """Imported at first use: a cold start that does not pay does not wait for it."""
    import stripe

    # It would write a file below the home directory and ask the operating system about itself.
    stripe.enable_telemetry = False
    return stripe


def client() -> "stripe.StripeClient":
    return _client_with(secrets.read(settings.stripe_secret())["api_key"], settings.stripe_api())


@cache
def _client_with(api_key: str, api_base: str) -> "stripe.StripeClient":
    """One a process and key: a key that is rolled takes effect when the kept secret expires."""
    from souk.gateways import stripe_http

    sdk = _sdk()
    client: stripe.StripeClient = sdk.StripeClient(
        api_key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base},
        max_network_retries=TRIES_AGAIN,
        http_client=stripe_http.Urllib3Client(TIMEOUT_SECONDS),
    )
    return client


@contextmanager
def refusals() -> Iterator[None]:
    """A definite no becomes a refusal with Stripe's code; whatever leaves the outcome open, unavailable."""
    sdk = _sdk()
    try:
        yield
    except sdk.IdempotencyError:
        raise AskedOtherwise(reason="idempotency_error") from None
    except (sdk.CardError, sdk.InvalidRequestError) as error:
        refused = UnknownToProvider if error.code == "resource_missing" else PaymentRefused
        raise refused(error.user_message, reason=error.code or "invalid_request") from None
    except sdk.APIError as error:
        count("ProviderFailed")
        # A conflict is another call that is at work with the same key, and whose answer is not known yet.
        failed = PaymentProviderUnavailable if error.http_status == 409 else PaymentProviderFailed
        raise failed(reason=type(error).__name__) from error
    except sdk.StripeError as error:
        count("ProviderFailed")
        raise PaymentProviderUnavailable(reason=type(error).__name__) from error


def intent_of(given: "stripe.PaymentIntent") -> Intent:
    error, charge, metadata = given.last_payment_error, given.latest_charge, given.metadata.to_dict()
    attempt = metadata.get("attempt", "0")
    return Intent(
        id=given.id,
        status=given.status,
        amount_minor=given.amount,
        received_minor=given.amount_received,
        currency=given.currency.upper(),
        order_id=metadata.get("order_id", ""),
        attempt=int(attempt) if re.fullmatch("[0-9]{1,9}", attempt) else 0,
        client_secret=given.client_secret or "",
        charge_id=charge if charge is None or isinstance(charge, str) else charge.id,
        decline_code=_reason(error) if error else None,
        livemode=given.livemode,
    )


def _reason(error: object) -> str | None:
    """The bank's own word where there is one (`insufficient_funds`), otherwise Stripe's (`expired_card`)."""
    return getattr(error, "decline_code", None) or getattr(error, "code", None)


def _transaction(given: "stripe.BalanceTransaction") -> BalanceTransaction:
    """A refund is presented as what the buyer gets, so below zero, as it is where it comes back."""
    source = given.source
    told = None if isinstance(source, str) else source
    shown = told if told and told.object in ("charge", "refund", "dispute") else None
    sign = -1 if given.amount < 0 else 1
    return BalanceTransaction(
        id=given.id,
        created_at=datetime.fromtimestamp(given.created, UTC),
        category=given.reporting_category,
        source_id=(source if isinstance(source, str) else source.id) if source else "",
        currency=given.currency.upper(),
        gross_minor=given.amount,
        fee_minor=given.fee,
        net_minor=given.net,
        presented_currency=(shown.currency if shown else given.currency).upper(),
        presented_minor=sign * shown.amount if shown else given.amount,
    )


def _card_try(given: "stripe.Charge") -> CardTry:
    card = given.payment_method_details.card if given.payment_method_details else None
    return CardTry(given.id, card.fingerprint if card else None, given.status == "failed")


_DISPUTES = {
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "closed",
    "prevented": "closed",
    "needs_response": "open",
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
}


def _dispute(given: "stripe.Dispute") -> Dispute:
    """Where the account is in another currency, its whole amount is what was withdrawn, and what came back."""
    moved = [
        one.amount if one.currency == given.currency else given.amount * (1 if one.amount > 0 else -1)
        for one in given.balance_transactions
    ]
    intent, due_by = given.payment_intent, given.evidence_details.due_by
    told = None if isinstance(intent, str) else intent
    return Dispute(
        id=given.id,
        intent_id=told.id if told else str(intent or ""),
        order_id=intent_of(told).order_id if told else "",
        status=_DISPUTES.get(given.status, "open"),
        reason=given.reason,
        amount_minor=given.amount,
        currency=given.currency.upper(),
        withdrawn_minor=-sum(minor for minor in moved if minor < 0),
        reinstated_minor=sum(minor for minor in moved if minor > 0),
        opened_at=datetime.fromtimestamp(given.created, UTC),
        respond_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        evidence=given.evidence.uncategorized_text,
    )


def _refund(given: "stripe.Refund") -> Refund:
    metadata, intent = given.metadata.to_dict() if given.metadata else {}, given.payment_intent
    return Refund(
        id=given.id,
        status=given.status or "",
        amount_minor=given.amount,
        currency=given.currency.upper(),
        failure_reason=getattr(given, "failure_reason", None),
        refund_id=metadata.get("refund_id", ""),
        order_id=metadata.get("order_id", ""),
        intent_id=intent if isinstance(intent, str) else "",
    )
