"""What a contract asks of the other side of the wire, the same of every provider's fake and of each of its methods."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode

from infra.local.alipay.signing import told
from infra.local.stripe.outbox import sign
from souk.gateways import alipay, stripe, wechat_pay
from souk.gateways.providers import Intent, Payer, Provider
from tests.gateways.conftest import WEBHOOK_SECRETS
from tests.support.alipay import Alipay
from tests.support.stripe import Stripe
from tests.support.wechat_pay import WechatPay

Headers = dict[str, str]


class Wire(Protocol):
    gateway: Provider
    method: str
    currency: str
    signature: tuple[str, ...]  # the headers that sign a notice, where it does not lie within
    oldest: timedelta

    def open(self, intent: Intent) -> None:
        """The buyer looks at it, before which a provider may know nothing of it."""

    def pay(self, intent: Intent) -> bool:
        """The buyer's device; whether it was paid by this."""

    def settle(self) -> None:
        """Refunds that are on their way arrive."""

    def fail_next(self, kind: str, count: int = 1) -> None: ...

    def mend(self) -> None:
        """From now on nothing fails."""

    def intents(self) -> int: ...

    def kept_minor(self) -> int:
        """What was paid less what went back, before any fees."""

    def notices(self) -> list[tuple[bytes, Headers]]:
        """Taken as delivered, header names in lower case."""

    def signed(self, body: bytes) -> tuple[bytes, Headers]:
        """Any body as the provider sends and signs it now."""


class StripeWire:
    gateway: Provider = stripe
    currency = "EUR"
    signature: tuple[str, ...] = ("stripe-signature",)
    oldest = timedelta(minutes=5)

    def __init__(self, fake: Stripe, method: str = "card", means: str = "pm_card_visa") -> None:
        self._fake, self.method, self._means = fake, method, means
        fake.fake.configure({"webhook_secrets": WEBHOOK_SECRETS[:1]})

    def open(self, intent: Intent) -> None: ...

    def pay(self, intent: Intent) -> bool:
        seen = self._fake.buyer.pay(intent.client_secret, self._means)
        if seen["status"] == "requires_action":
            self._fake.buyer.answer_bank(seen, yes=True)
            seen = self._fake.objects("payment_intent")[-1]
        return bool(seen["status"] == "succeeded")

    def settle(self) -> None:
        for refund in self._fake.objects("refund"):
            self._fake.control(f"refunds/{refund['id']}/settle", status="succeeded")

    def fail_next(self, kind: str, count: int = 1) -> None:
        self._fake.fail_next(kind, count)

    def mend(self) -> None:
        self._fake.control("config", faults=[])

    def intents(self) -> int:
        return len(self._fake.objects("payment_intent"))

    def kept_minor(self) -> int:
        return sum(one["amount_captured"] - one["amount_refunded"] for one in self._fake.objects("charge"))

    def notices(self) -> list[tuple[bytes, Headers]]:
        return [(one.body, {"stripe-signature": one.signature}) for one in self._fake.webhooks()]

    def signed(self, body: bytes) -> tuple[bytes, Headers]:
        config, at = self._fake.fake.config, int(self._fake.fake.now())
        return body, {"stripe-signature": sign(body, config.webhook_secrets, at)}


class WechatWire:
    gateway: Provider = wechat_pay
    method = "wechat_pay"
    currency = "CNY"
    signature: tuple[str, ...] = ("wechatpay-signature", "wechatpay-timestamp", "wechatpay-nonce", "wechatpay-serial")
    oldest = timedelta(minutes=5)

    def __init__(self, fake: WechatPay) -> None:
        self._fake = fake

    def open(self, intent: Intent) -> None: ...

    def pay(self, intent: Intent) -> bool:
        return self._fake.merchant.pay(intent.id)

    def settle(self) -> None:
        self._fake.settle_refunds()

    def fail_next(self, kind: str, count: int = 1) -> None:
        self._fake.fail_next(kind, count)

    def mend(self) -> None:
        self._fake.fake.faults = []

    def intents(self) -> int:
        return len(self._fake.merchant.orders)

    def kept_minor(self) -> int:
        return self._fake.merchant.balance()

    def notices(self) -> list[tuple[bytes, Headers]]:
        return [(body, _lower(headers)) for body, headers in self._fake.notices()]

    def signed(self, body: bytes) -> tuple[bytes, Headers]:
        return body, _lower(self._fake.fake.signed(body))


class AlipayWire:
    gateway: Provider = alipay
    method = "alipay"
    currency = "CNY"
    signature: tuple[str, ...] = ()
    oldest = timedelta(hours=25)

    def __init__(self, fake: Alipay) -> None:
        self._fake = fake

    def open(self, intent: Intent) -> None:
        assert self._fake.merchant.open(intent.id)

    def pay(self, intent: Intent) -> bool:
        return self._fake.merchant.pay(intent.id)

    def settle(self) -> None:
        """They arrive at once."""

    def fail_next(self, kind: str, count: int = 1) -> None:
        self._fake.fail_next(kind, count)

    def mend(self) -> None:
        self._fake.fake.faults = []

    def intents(self) -> int:
        return len(self._fake.merchant.asked)

    def kept_minor(self) -> int:
        return self._fake.merchant.balance()

    def notices(self) -> list[tuple[bytes, Headers]]:
        return [(body, {}) for body in self._fake.notices()]

    def signed(self, body: bytes) -> tuple[bytes, Headers]:
        said = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return urlencode(told(said)).encode(), {}


def _lower(headers: Headers) -> Headers:
    return {name.lower(): value for name, value in headers.items()}


class Fake(NamedTuple):
    fixture: str
    wire: Callable[[Any], Wire]


WIRES = {
    "card": Fake("stripe", StripeWire),
    "unionpay": Fake("stripe", lambda fake: StripeWire(fake, means="pm_card_unionpay")),
    "paypal": Fake("stripe", lambda fake: StripeWire(fake, "paypal", "pm_paypal")),
    "alipay_abroad": Fake("stripe", lambda fake: StripeWire(fake, "alipay_abroad", "pm_alipay")),
    "wechat_pay_abroad": Fake("stripe", lambda fake: StripeWire(fake, "wechat_pay_abroad", "pm_wechat_pay")),
    "wechat_pay": Fake("wechat_pay", WechatWire),
    "alipay": Fake("alipay", AlipayWire),
}
DESKTOP = Payer(device="desktop")
