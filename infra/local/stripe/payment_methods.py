"""PaymentMethods, of which those that are attached to a customer are kept: https://docs.stripe.com/api/payment_methods.

A name out of `cards.py` stands for a card that somebody has just typed in.
"""

from infra.local.stripe import cards, charges
from infra.local.stripe.account import Account, Object
from infra.local.stripe.errors import ApiError, no_such
from infra.local.stripe.parameters import Ask


class Attachment(Ask):
    customer: str


def typed_in(account: Account, name: str) -> Object:
    """The card of that name as a method that is nobody's yet."""
    card = cards.find(name)
    if card is None:
        raise no_such("payment_method", name, param="payment_method", status=400)
    return account.new("payment_method", customer=None, metadata={}, **charges.details(card))


def attach(account: Account, ask: Attachment, id: str) -> Object:
    method = account.get("payment_method", id)
    method["customer"] = account.get("customer", ask.customer, param="customer", status=400)["id"]
    account.tell("payment_method.attached", method)
    return method


def detach(account: Account, ask: Ask, id: str) -> Object:
    """For good: what was detached can neither be attached again nor be charged."""
    method = account.get("payment_method", id)
    if method["customer"] is None:
        raise ApiError(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    before = {"customer": method["customer"]}
    method["customer"] = None
    account.tell("payment_method.detached", method, before)
    return method


def card_behind(account: Account, name: str) -> cards.Card:
    """Of a name out of `cards.py`, or of a method that somebody keeps or has kept."""
    if card := cards.find(name):
        return card
    method = account.get("payment_method", name, param="payment_method", status=400)
    return cards.by_last4(method["card"]["last4"])


def card_of(account: Account, name: str, customer: str | None) -> cards.Card:
    """The same, of a method only while this customer keeps it."""
    card = card_behind(account, name)
    if not cards.find(name) and (customer is None or account.get("payment_method", name)["customer"] != customer):
        raise ApiError(
            f"The customer does not have a payment method with the ID {name}. The payment method must be attached "
            "to the customer.",
            code="resource_missing",
            param="payment_method",
        )
    return card
