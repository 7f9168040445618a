"""Disputes: a buyer's bank takes the money back, or first asks (an inquiry): https://docs.stripe.com/disputes."""

from typing import Annotated, Literal

from pydantic import Field

from infra.local.stripe import refunds
from infra.local.stripe.account import Account, Object
from infra.local.stripe.errors import ApiError
from infra.local.stripe.parameters import Ask

FEE_MINOR = 1500
RESPOND_SECONDS = 7 * 24 * 3600
TO_ANSWER = ("needs_response", "warning_needs_response")
OPEN = (*TO_ANSWER, "under_review", "warning_under_review")


class Evidence(Ask):
    uncategorized_text: Annotated[str, Field(max_length=20_000)] | None = None


class Update(Ask):
    evidence: Evidence = Field(default_factory=Evidence)
    submit: bool = True


class Acceptance(Ask):
    pass


def open(account: Account, charge: Object, kind: Literal["chargeback", "inquiry"], amount: int | None = None) -> Object:
    """Of the whole charge, unless less is said; what was refunded of it before changes nothing."""
    inquiry = kind == "inquiry"
    dispute = account.new(
        "dispute",
        amount=charge["amount_captured"] if amount is None else amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        evidence={"uncategorized_text": None},
        evidence_details={
            "due_by": int(account.now()) + RESPOND_SECONDS,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=inquiry,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason="fraudulent",
        status="warning_needs_response" if inquiry else "needs_response",
    )
    charge["disputed"] = True
    account.tell("charge.dispute.created", dispute)
    if not inquiry:
        _withdraw(account, dispute)
    return dispute


def escalate(account: Account, id: str) -> Object:
    """What was asked about is taken back."""
    dispute = account.get("dispute", id)
    if dispute["status"] not in ("warning_needs_response", "warning_under_review"):
        raise ApiError(f"Dispute {id} is {dispute['status']}.")
    dispute.update(status="needs_response", is_charge_refundable=False)
    account.tell("charge.dispute.updated", dispute)
    _withdraw(account, dispute)
    return dispute


def update(account: Account, ask: Update, id: str) -> Object:
    """Evidence goes to the bank once."""
    dispute = account.get("dispute", id)
    if dispute["status"] not in TO_ANSWER:
        raise ApiError(f"This dispute is {dispute['status']} and takes no evidence.", code="dispute_not_editable")
    dispute["evidence"] |= ask.evidence.model_dump(include={"uncategorized_text"}, exclude_none=True)
    dispute["evidence_details"]["has_evidence"] = True
    if ask.submit:
        dispute["evidence_details"]["submission_count"] += 1
        dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    account.tell("charge.dispute.updated", dispute)
    return dispute


def accept(account: Account, ask: Acceptance, id: str) -> Object:
    dispute = account.get("dispute", id)
    if dispute["status"] not in TO_ANSWER:
        raise ApiError(f"This dispute is already {dispute['status']}.", code="dispute_already_closed")
    return close(account, id, won=False)


def close(account: Account, id: str, *, won: bool) -> Object:
    dispute = account.get("dispute", id)
    if dispute["status"].startswith("warning") and dispute["status"] != "warning_closed":
        dispute["status"] = "warning_closed"
        account.tell("charge.dispute.closed", dispute)
    elif dispute["status"] in OPEN:
        dispute.update(status="won" if won else "lost", is_charge_refundable=won)
        account.tell("charge.dispute.closed", dispute)
        if won:
            _move(account, dispute, dispute["amount"])
            account.tell("charge.dispute.funds_reinstated", dispute)
    return dispute


def _withdraw(account: Account, dispute: Object) -> None:
    """A refund that is on its way then comes to nothing."""
    _move(account, dispute, -dispute["amount"], FEE_MINOR)
    account.tell("charge.dispute.funds_withdrawn", dispute)
    for refund in account.objects["refund"].values():
        if refund["charge"] == dispute["charge"] and refund["status"] == "pending":
            refunds.settle(account, refund["id"], succeeds=False, why="charge_for_pending_refund_disputed")


def _move(account: Account, dispute: Object, amount: int, fee: int = 0) -> None:
    category = "dispute" if amount < 0 else "dispute_reversal"
    transaction_id = account.post("adjustment", dispute, amount, fee, category)
    dispute["balance_transactions"].append(account.get("balance_transaction", transaction_id))
