"""Refunds: whole or in part, at once, later, or failing after all: https://docs.stripe.com/refunds."""

from typing import Annotated, Literal

from pydantic import Field

from infra.local.stripe import payment_methods
from infra.local.stripe.account import Account, Object, need_coins
from infra.local.stripe.errors import ApiError
from infra.local.stripe.parameters import Ask, Metadata


class NewRefund(Ask):
    payment_intent: str | None = None
    charge: str | None = None
    amount: Annotated[int, Field(ge=1)] | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    metadata: Metadata = Field(default_factory=dict)


def create(account: Account, ask: NewRefund) -> Object:
    charge = _captured_charge(account, ask)
    left = charge["amount"] - charge["amount_refunded"]
    if not left:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = left if ask.amount is None else ask.amount
    need_coins(amount, charge["currency"])
    if amount > left:
        raise ApiError(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    card = payment_methods.card_behind(account, charge["payment_method"])
    refund = account.new(
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
        failure_balance_transaction=None,
        failure_reason=None,
        metadata=dict(ask.metadata),
        payment_intent=charge["payment_intent"],
        pending_reason="processing" if card.refunds == "later" else None,
        reason=ask.reason,
        receipt_number=None,
        status="pending" if card.refunds == "later" else "succeeded",
    )
    refund["balance_transaction"] = account.post("refund", refund, -amount)
    account.tell("refund.created", refund)
    _count(charge, amount)
    account.tell("charge.refunded", charge)
    if card.refunds == "at_once":
        _reference(account, refund)
    else:
        action = "settle_refund" if card.refunds == "later" else "fail_refund"
        account.later(account.config.settle_seconds, action, refund["id"])
    return refund


def settle(account: Account, id: str, *, succeeds: bool, why: str = "expired_or_canceled_card") -> Object:
    """A pending refund ends; one that had seemed to succeed may still fail. A failed one stays so."""
    refund = account.get("refund", id)
    if refund["status"] == "failed" or (succeeds and refund["status"] == "succeeded"):
        return refund
    if succeeds:
        refund.update(status="succeeded", pending_reason=None)
        _reference(account, refund)
        return refund
    charge = account.get("charge", refund["charge"])
    _count(charge, -refund["amount"])
    refund.update(
        status="failed",
        pending_reason=None,
        failure_reason=why,
        failure_balance_transaction=account.post("refund_failure", refund, refund["amount"]),
    )
    _tell_update(account, refund)
    account.tell("refund.failed", refund)
    return refund


def _captured_charge(account: Account, ask: NewRefund) -> Object:
    if ask.charge:
        charge = account.get("charge", ask.charge, param="charge")
    elif ask.payment_intent:
        intent = account.get("payment_intent", ask.payment_intent, param="payment_intent")
        charge = account.objects["charge"].get(intent["latest_charge"], {"captured": False})
    else:
        raise ApiError("One of these params should be provided: payment_intent or charge.", kept=False)
    if not charge["captured"]:
        target = ask.payment_intent or ask.charge
        raise ApiError(f"This PaymentIntent ({target}) does not have a successful charge to refund.")
    if any(
        dispute["charge"] == charge["id"] and not dispute["is_charge_refundable"]
        for dispute in account.objects["dispute"].values()
    ):
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    return charge


def _count(charge: Object, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    charge.update(amount_refunded=refunded, refunded=refunded == charge["amount"])


def _reference(account: Account, refund: Object) -> None:
    """The bank's reference arrives, by which the buyer can trace the money."""
    refund["destination_details"]["card"].update(reference_status="available", reference=account.token(10))
    _tell_update(account, refund)


def _tell_update(account: Account, refund: Object) -> None:
    """By two events: the older of them says it of refunds of charges alone."""
    account.tell("refund.updated", refund)
    account.tell("charge.refund.updated", refund)
