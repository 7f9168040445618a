"""Charges: one attempt of a card, its capture, its fee."""

from typing import Any

from infra.local.stripe.account import Account, Object
from infra.local.stripe.cards import DECLINE_MESSAGES, Card

FEE_PER_MILLE = 29
FEE_FIXED_MINOR = 30


def fee(amount: int) -> int:
    """2.9 % + 0.30, half-up to the minor unit."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED_MINOR


def make(account: Account, intent: Object, method: str, card: Card) -> Object:
    """An authorised charge, not yet captured, or a failed one."""
    declined = card.code is not None
    return account.new(
        "charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        balance_transaction=None,
        billing_details={"address": None, "email": None, "name": None, "phone": None},
        captured=False,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_balance_transaction=None,
        failure_code=card.code,
        failure_message=DECLINE_MESSAGES.get(card.code or ""),
        fraud_details={},
        metadata=dict(intent["metadata"]),
        outcome=_outcome(card),
        paid=not declined,
        payment_intent=intent["id"],
        payment_method=method,
        payment_method_details=details(card),
        receipt_email=intent["receipt_email"],
        receipt_url=None,
        refunded=False,
        status="failed" if declined else "succeeded",
    )


def capture(charge: Object, amount: int) -> None:
    """What is not captured goes back to the buyer, and counts as refunded."""
    charge.update(captured=True, amount_captured=amount, amount_refunded=charge["amount"] - amount)


def settle(account: Account, charge: Object) -> None:
    amount = charge["amount_captured"]
    charge["balance_transaction"] = account.post("charge", charge, amount, fee(amount))


def release(charge: Object) -> None:
    """The hold on the buyer's card ends without a capture."""
    charge.update(amount_refunded=charge["amount"], refunded=True)


def details(card: Card) -> Object:
    if card.type != "card":
        return {"type": card.type, card.type: {}}
    secured = {"authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0"}
    return {
        "type": "card",
        "card": {
            "brand": card.brand,
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"card{card.last4}",
            "funding": "credit",
            "last4": card.last4,
            "network": card.brand,
            "three_d_secure": secured if card.authenticates else None,
        },
    }


def _outcome(card: Card) -> dict[str, Any]:
    if card.code is None:
        return {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "network_status": "declined_by_network",
        "reason": card.decline_code,
        "risk_level": "normal",
        "seller_message": "The bank declined the payment.",
        "type": "issuer_declined",
    }
