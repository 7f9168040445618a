"""Stripe's test payment methods, by the name a browser confirms with: https://docs.stripe.com/testing.

Wallets have no name of their own there: `pm_paypal`, `pm_alipay` and `pm_wechat_pay` are a buyer's account.
"""

from typing import Literal, NamedTuple

MethodType = Literal["card", "paypal", "alipay", "wechat_pay"]

DECLINE_MESSAGES = {
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
}


class Card(NamedTuple):
    """`refunds` settle at once, `later`, or `fail` some time after they seemed to succeed.

    What `authenticates` asks its owner for each payment, and once it is kept, if `exempt`, only for those at which they
    are there. What is declined may be `keepable` all the same.
    """

    last4: str
    brand: str = "visa"
    code: str | None = None
    decline_code: str | None = None
    authenticates: bool = False
    refunds: Literal["at_once", "later", "fail"] = "at_once"
    dispute: Literal["chargeback", "inquiry"] | None = None
    type: MethodType = "card"
    exempt: bool = False
    keepable: bool = False


def _declined(last4: str, decline_code: str, code: str = "card_declined") -> Card:
    return Card(last4, code=code, decline_code=decline_code)


CARDS = {
    "pm_card_visa": Card("4242"),
    "pm_card_mastercard": Card("4444", "mastercard"),
    "pm_card_amex": Card("8431", "amex"),
    "pm_card_unionpay": Card("0005", "unionpay"),
    "pm_card_chargeDeclined": _declined("0002", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": _declined("9995", "insufficient_funds"),
    "pm_card_chargeDeclinedLostCard": _declined("9987", "lost_card"),
    "pm_card_chargeDeclinedStolenCard": _declined("9979", "stolen_card"),
    "pm_card_chargeDeclinedFraudulent": _declined("0019", "fraudulent"),
    "pm_card_chargeDeclinedExpiredCard": _declined("0069", "expired_card", "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": _declined("0127", "incorrect_cvc", "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": _declined("0119", "processing_error", "processing_error"),
    "pm_card_threeDSecure2Required": Card("3220", authenticates=True),
    "pm_card_authenticationRequired": Card("3184", authenticates=True),
    "pm_card_authenticationRequiredOnSetup": Card("3155", authenticates=True, exempt=True),
    "pm_card_chargeCustomerFail": _declined("0341", "generic_decline")._replace(keepable=True),
    "pm_card_threeDSecureRequiredChargeDeclined": _declined("1629", "generic_decline")._replace(authenticates=True),
    "pm_card_pendingRefund": Card("7726", refunds="later"),
    "pm_card_refundFail": Card("5126", refunds="fail"),
    "pm_card_createDispute": Card("0259", dispute="chargeback"),
    "pm_card_createDisputeInquiry": Card("1976", dispute="inquiry"),
    "pm_paypal": Card("", authenticates=True, type="paypal"),
    "pm_alipay": Card("", authenticates=True, type="alipay"),
    "pm_wechat_pay": Card("", authenticates=True, refunds="later", type="wechat_pay"),
}


def find(name: str) -> Card | None:
    """`pm_card_visa_chargeDeclined` is the longer spelling of `pm_card_chargeDeclined`."""
    return CARDS.get(name) or CARDS.get(name.replace("pm_card_visa_", "pm_card_", 1))


def by_last4(last4: str) -> Card:
    """What was kept is known by its last four digits: no two cards have the same."""
    return next(card for card in CARDS.values() if card.type == "card" and card.last4 == last4)


def unanswered(card: Card) -> Card:
    """As its bank declines it where its owner should be asked and is not there."""
    return card._replace(code="authentication_required", decline_code="authentication_required")
