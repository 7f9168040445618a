"""What every payment provider is to the shop: intents that buyers pay, refunds of them, and what it tells by itself.

An intent is one attempt to be paid for an order; each provider has its own word for it.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from souk.kernel.errors import Malformed, Refused, Unavailable


class PaymentRefused(Refused):
    """`reason` is the provider's code: `charge_already_refunded`, `payment_intent_unexpected_state`, ..."""

    title = "The payment provider refused"


class UnknownToProvider(PaymentRefused):
    title = "The payment provider does not know it"


class AskedOtherwise(PaymentRefused):
    title = "The payment provider was asked for the same with other parameters"


class PaymentProviderUnavailable(Unavailable):
    """Whether it was done is unknown; the same call with the same key is safe."""

    title = "The payment provider is not answering"


class PaymentProviderFailed(PaymentProviderUnavailable):
    """It answered 500, and gives that answer to the same key for a day, whether or not it was done."""

    title = "The payment provider has failed"


class BadSignature(Malformed):
    """Not from the provider, not for us, or not of now."""

    title = "The webhook's signature is not valid"


class BadEvent(Malformed):
    """Signed, but not an event that can be read."""

    title = "The webhook's body is not an event"


class Payer(NamedTuple):
    """What the buyer pays on (`desktop`, `mobile`, `wechat` or `alipay` within those) and is known by there.

    `account` is where the provider keeps their methods, if it does.
    """

    device: str = "desktop"
    id: str = ""
    address: str = ""
    account: str = ""


ANYBODY = Payer()


class Intent(NamedTuple):
    """`order_id` is empty and `attempt` 0 where it was not made by `create_intent`.

    `status` is in Stripe's words: `requires_payment_method`, `requires_action`, `requires_capture`, `processing`,
    `succeeded`, `canceled`. `amount_minor` is None where the provider tells it only of what was paid. `action` is what
    the buyer's device does next, as it was told when the intent was made, and holds until `usable_until`.
    """

    id: str
    status: str
    amount_minor: int | None
    received_minor: int
    currency: str
    order_id: str
    attempt: int
    client_secret: str
    charge_id: str | None
    decline_code: str | None
    livemode: bool
    action: Mapping[str, str] = MappingProxyType({})
    usable_until: datetime | None = None

    @classmethod
    def unpaid(cls, id: str, order_id: str, attempt: int, *, currency: str, livemode: bool) -> "Intent":
        """What a name alone says, where the provider tells nothing before it is paid."""
        return cls(
            id=id,
            status="requires_payment_method",
            amount_minor=None,
            received_minor=0,
            currency=currency,
            order_id=order_id,
            attempt=attempt,
            client_secret="",
            charge_id=None,
            decline_code=None,
            livemode=livemode,
        )

    @property
    def untried(self) -> bool:
        return self.status == "requires_payment_method" and self.decline_code is None


class Refund(NamedTuple):
    """`refund_id` is ours; a refund may be `pending`, and may be `failed` after it was `succeeded`.

    `order_id` is empty where it does not say whose it is: then it is of the order that its intent was made for. So is
    `intent_id` where it does not say out of what it is paid.
    """

    id: str
    status: str
    amount_minor: int
    currency: str
    failure_reason: str | None
    refund_id: str
    order_id: str
    intent_id: str = ""


class CardTry(NamedTuple):
    """One try of a card with an intent; the same card has the same `fingerprint`, whoever uses it."""

    charge_id: str
    fingerprint: str | None
    declined: bool


class Setup(NamedTuple):
    """A method of payment on its way to be kept; `declined` where the last one that was tried is not.

    `owner_id` is ours. While it is `open` the buyer's browser may confirm it.
    """

    id: str
    open: bool
    declined: bool
    owner_id: str
    client_secret: str


class KeptMethod(NamedTuple):
    """`expires` is the month after which it is good no more: `2034-12`."""

    id: str
    brand: str
    last4: str
    expires: str


class Dispute(NamedTuple):
    """What a buyer's bank takes back, or asks about first (`inquiry`).

    `status` is `inquiry`, `open`, `under_review`, `won`, `lost`, or `closed` where an inquiry came to nothing. What was
    withdrawn and reinstated is in the currency of the dispute, and without the provider's fee. `order_id` is said
    in lists alone; what has none there is not ours.
    """

    id: str
    intent_id: str
    status: str
    reason: str
    amount_minor: int
    currency: str
    withdrawn_minor: int
    reinstated_minor: int
    opened_at: datetime
    respond_by: datetime | None
    evidence: str | None
    order_id: str = ""


class Event(NamedTuple):
    """`object` is the payload as it was when the event happened: a hint, the truth is asked for again.

    The object's `id` is that of the intent or refund, whose `payment_intent` names the intent that it is of. The
    event's is like no other provider's.
    """

    id: str
    type: str
    created_at: datetime
    livemode: bool
    object: dict[str, Any]
    account: str | None = None


class Provider(Protocol):
    """Every call is safe to repeat: what was done by the first is not done again."""

    def publishable_key(self) -> str:
        """With which a buyer's browser may confirm a payment; no secret, and empty where there is none."""

    def create_intent(
        self,
        *,
        order_id: str,
        attempt: int,
        amount_minor: int,
        currency: str,
        method: str,
        payer: Payer,
        authorise_only: bool,
    ) -> Intent:
        """With `authorise_only` it is to be captured once the buyer has paid, where the method knows such a thing."""

    def get_intent(self, intent_id: str) -> Intent: ...

    def capture_intent(self, intent_id: str) -> Intent:
        """Takes what was authorised; answers the intent as it stands, where there was nothing to take."""

    def cancel_intent(self, intent_id: str) -> Intent:
        """Answers the intent as it stands: `succeeded` where the buyer was quicker, and then it is paid."""

    def refund(self, *, order_id: str, refund_id: str, intent_id: str, amount_minor: int) -> Refund: ...

    def get_refund(self, id: str, intent_id: str) -> Refund:
        """By the provider's own id, and that of the intent that it is of."""

    def find_refund(self, *, order_id: str, refund_id: str, intent_id: str) -> Refund | None:
        """By our id: asked before a repetition that nothing else may protect any more."""

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Event:
        """The event of a webhook, of its raw bytes and its headers by their names in lower case, once verified."""


class Keeper(Protocol):
    """What some providers can do besides: keep a buyer's methods of payment, and charge one that is kept."""

    def open_account(self, owner_id: str, number: int) -> str:
        """Where methods of that owner are kept; the same number gives the same account."""

    def begin_setup(self, *, owner_id: str, account_id: str, number: int) -> Setup:
        """The buyer's browser confirms it with the method that is to be kept; the same number gives the same setup."""

    def get_setup(self, setup_id: str) -> Setup: ...

    def cancel_setup(self, setup_id: str) -> Setup:
        """Answers the setup as it stands, where the buyer was quicker."""

    def setups_tried(self, setup_id: str) -> list[CardTry]: ...

    def kept_methods(self, account_id: str) -> list[KeptMethod]:
        """Those that can be charged, the oldest first."""

    def owner_of(self, id: str) -> str:
        """Whose setup or method this is, or was; empty where it is nobody's."""

    def forget_method(self, method_id: str) -> None:
        """For good; what is forgotten already is forgotten."""

    def charge_method(self, intent_id: str, method_id: str, *, buyer_is_there: bool) -> Intent:
        """The intent as it stands after that: taken, declined, or where the buyer is there, for them to act.

        PaymentRefused where the method is none that could be charged.
        """
