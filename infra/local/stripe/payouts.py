"""Payouts: what the account holds goes to our bank: https://docs.stripe.com/api/payouts."""

from typing import Annotated

from pydantic import Field

from infra.local.stripe.account import Account, Object
from infra.local.stripe.errors import ApiError
from infra.local.stripe.parameters import Ask


class NewPayout(Ask):
    amount: Annotated[int, Field(ge=1)]
    currency: Annotated[str, Field(pattern=r"^[a-z]{3}$")]


def create(account: Account, ask: NewPayout) -> Object:
    """It is there at once, where a bank would take some days."""
    held = account.balances().get(ask.currency, {"balance": 0})["balance"]
    if ask.amount > held:
        raise ApiError("You have insufficient funds in your Stripe account.", code="balance_insufficient")
    payout = account.new(
        "payout",
        amount=ask.amount,
        arrival_date=int(account.now()),
        automatic=False,
        balance_transaction=None,
        currency=ask.currency,
        status="paid",
    )
    payout["balance_transaction"] = account.post("payout", payout, -ask.amount, other="bank")
    account.tell("payout.paid", payout)
    return payout
