"""Disputes: a buyer's bank takes the money back, or first asks (an inquiry)."""

from typing import Literal

from infra.local.stripe.account import Account, Object

FEE_MINOR = 1500


def open(account: Account, charge: Object, kind: Literal["chargeback", "inquiry"]) -> Object:
    inquiry = kind == "inquiry"
    dispute = account.new(
        "dispute",
        amount=charge["amount_captured"],
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        evidence_details={"has_evidence": False, "past_due": False, "submission_count": 0},
        is_charge_refundable=inquiry,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason="fraudulent",
        status="warning_needs_response" if inquiry else "needs_response",
    )
    charge["disputed"] = True
    account.tell("charge.dispute.created", dispute)
    if not inquiry:
        _move(account, dispute, -dispute["amount"], FEE_MINOR)
        account.tell("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(account: Account, id: str, *, won: bool) -> Object:
    dispute = account.get("dispute", id)
    if dispute["status"] == "warning_needs_response":
        dispute["status"] = "warning_closed"
        account.tell("charge.dispute.closed", dispute)
    elif dispute["status"] == "needs_response":
        dispute["status"] = "won" if won else "lost"
        account.tell("charge.dispute.closed", dispute)
        if won:
            _move(account, dispute, dispute["amount"])
            account.tell("charge.dispute.funds_reinstated", dispute)
    return dispute


def _move(account: Account, dispute: Object, amount: int, fee: int = 0) -> None:
    category = "dispute" if amount < 0 else "dispute_reversal"
    transaction_id = account.post("adjustment", dispute, amount, fee, category)
    dispute["balance_transactions"].append(account.get("balance_transaction", transaction_id))
