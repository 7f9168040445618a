"""How the shop works: what head office sets for all of it."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator

from souk.domains.stores.model.hours import Hours
from souk.domains.stores.model.policy import AfterSalesPolicy, PublishedPolicy
from souk.kernel import clock
from souk.kernel.charging import is_in_coins
from souk.kernel.errors import Conflict, Refused
from souk.kernel.paying import BANK, METHODS, STRIPE, Device, PaymentMethod
from souk.kernel.shapes import (
    BasisPoints,
    Country,
    Currency,
    Email,
    Flag,
    Language,
    Line,
    Mark,
    Minor,
    Noun,
    Phone,
    Seconds,
    Versioned,
)

MOST_PARTS = 5
# What may go out on other channels than the reader's inbox: each of these is about an order, or a SKU in a store.
OutwardTopic = Literal[
    "order_paid",
    "order_shipped",
    "order_received",
    "order_cancelled",
    "paid_order_cancelled",
    "refund_posted",
    "refund_to_balance",
    "order_to_prepare",
    "order_unassigned",
    "shortage_found",
    "units_substituted",
    "units_dropped",
    "stock_low",
]
OutwardChannel = Literal["sms", "mail"]
Capture = Literal["at_once", "when_paid", "at_shipment"]
# What head office may leave to a store, or set for many at once.
StoreField = Literal[
    "open",
    "hours",
    "holidays",
    "phone",
    "manager",
    "freight_minor",
    "free_freight_from_minor",
    "daily_orders",
    "reach",
]


class OutsideDeliveryAreas(Conflict):
    title = "The shop does not deliver there"


class PaymentMethodOff(Refused):
    title = "This cannot be paid by that method"


class DeliveryArea(Noun):
    """A country, or of a country the regions that are named as addresses name them (ISO 3166-2 or in words)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: Country
    regions: Annotated[list[Line], Field(max_length=100)] = []

    def holds(self, country: str, region: str | None) -> bool:
        named = {one.casefold() for one in self.regions}
        return country == self.country and (not named or region is None or region.casefold() in named)


class OutwardRule(Noun):
    """On which channels a message of the topic goes out, beside the inbox; a text message is its title alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: OutwardTopic
    channels: Annotated[list[OutwardChannel], Field(min_length=1, max_length=2)]


class CurrencyNotShown(Refused):
    title = "The shop shows no prices in that currency"


class CurrencyNotCharged(Refused):
    title = "The shop does not charge in that currency"


class PaymentLimit(Noun):
    """A method for what costs at least and at most so much; Stripe takes nothing below about half a dollar."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: PaymentMethod
    least_minor: Minor = 0
    most_minor: Minor | None = None

    def allows(self, amount_minor: int) -> bool:
        return self.least_minor <= amount_minor and (self.most_minor is None or amount_minor <= self.most_minor)


class BankAccount(Noun):
    """Where buyers transfer what they owe: an IBAN, or the number that accounts have in the bank's country."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    holder: Line
    number: Annotated[str, Field(strict=True, pattern="^[A-Z0-9]{4,34}$", max_length=34)]
    bic: Annotated[str, Field(strict=True, pattern="^[A-Z0-9]{8}(?:[A-Z0-9]{3})?$", max_length=11)] | None = None
    bank: Line | None = None


class BillAccounts(Noun):
    """Whose bills the shop takes, as each provider names its merchant in them: by 商户号, and by the account's PID."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wechat_pay: Annotated[str, Field(strict=True, pattern="^[0-9]{8,32}$", max_length=32)] | None = None
    alipay: Annotated[str, Field(strict=True, pattern="^2088[0-9]{12}$", max_length=16)] | None = None


class ShopInfo(Noun):
    """The shop as everybody may see it."""

    name: Line = "Souk"
    email: Annotated[Email | None, Mark.SHOWN] = None
    phone: Annotated[Phone | None, Mark.SHOWN] = None
    currency: Currency = "EUR"
    shown_currencies: Annotated[list[Currency], Field(max_length=20)] = []
    charged_currencies: Annotated[list[Currency], Field(max_length=20)] = []
    time_zone: str = "UTC"
    hours: Annotated[list[Hours], Field(max_length=21)] = []
    payment_methods: Annotated[list[PaymentMethod], Field(max_length=10)] = ["card"]
    delivery_areas: Annotated[list[DeliveryArea], Field(max_length=250)] = []


class ShopSettings(ShopInfo, Versioned):
    """What head office sets for the whole shop. The times are seconds so that a test may make them short.

    `hours` are those of the stores that have none of their own; `time_zone` is that of the shop's own calendar.
    No delivery areas means: wherever a store delivers.
    What no store has whole is split between `most_parts` of them at most; 1 splits nothing.
    `language` is that of mail and text messages.
    Prices are shown in `shown_currencies`, too; a rate of exchange is stale after `rate_seconds`. A buyer may be
    charged in one of the `charged_currencies`, by the rate of the quote, if it is agreed to within `rate_lock_seconds`.
    `stores_may_set` names what a store's own staff may change of it.
    Without a `bank_account` nobody can pay by transfer; who does has `transfer_seconds` for it.
    A provider's bill that names another merchant than `bill_accounts` is refused; what is not set is not asked.
    By the methods that can tell authorising from taking, a buyer's money is taken (`capture`) as they pay; `when_paid`:
    once the shop has found that the order still awaits it; or when the goods leave, or something else needs it before.
    Money that comes when its order is over brings back the order if it still can be served: every one, or only what
    timed out, for whoever cancelled an order does not want it any more; what it does not bring back it is paid back.
    Who pays more than `unproved_minor` out of a balance at once, or more than `unproved_day_minor` in a day, proves
    that it is they who pay.
    A paid order is held for review that costs more than `review_above_minor`, or goes where this buyer has had no
    order delivered yet.
    """

    tax_basis_points: BasisPoints = 0
    payment_seconds: Seconds = 1800
    late_payments: Literal["refund", "revive_timed_out", "revive"] = "revive_timed_out"
    receipt_seconds: Seconds = 14 * 86_400
    completion_seconds: Seconds = 14 * 86_400
    confirm_by_hand: Flag = False
    hide_sold_out: Flag = False
    sold_out: Literal["keep", "delist", "relist"] = "keep"
    accept_seconds: Seconds = 3600
    most_parts: Annotated[int, Field(strict=True, ge=1, le=MOST_PARTS)] = 3
    shortage_seconds: Seconds = 3 * 86_400
    outward: Annotated[list[OutwardRule], Field(max_length=20)] = []
    language: Language = "en"
    pickup_seconds: Annotated[Seconds, Field(ge=60)] = 7 * 86_400
    after_sales: AfterSalesPolicy = AfterSalesPolicy()
    stores_may_set: Annotated[list[StoreField], Field(max_length=20)] = list(get_args(StoreField))
    rate_seconds: Seconds = 5 * 86_400
    rate_lock_seconds: Annotated[Seconds, Field(ge=60)] = 900
    capture: Capture = "at_once"
    bank_account: BankAccount | None = None
    transfer_seconds: Seconds = 7 * 86_400
    bill_accounts: BillAccounts | None = None
    payment_limits: Annotated[list[PaymentLimit], Field(max_length=20)] = []
    unproved_minor: Minor = 10_000
    unproved_day_minor: Minor = 20_000
    review_above_minor: Minor | None = None
    review_new_address: Flag = False
    review_seconds: Seconds = 86_400

    @model_validator(mode="before")
    @classmethod
    def _captured(cls, said: Any) -> Any:
        """Older releases knew two ways, and said whether it was the second."""
        if not isinstance(said, dict) or not isinstance(first := said.get("authorise_first"), bool):
            return said
        return {"capture": "when_paid" if first else "at_once"} | said

    @model_validator(mode="before")
    @classmethod
    def _in_days(cls, said: Any) -> Any:
        """Older releases counted in seconds for how long goods are taken back, and had no policy."""
        if not isinstance(said, dict) or not isinstance(seconds := said.get("return_seconds"), int):
            return said
        return {"after_sales": {"return_days": -(-seconds // 86_400)}} | said

    def info(self) -> ShopInfo:
        return ShopInfo.model_validate(self.model_dump(include={*ShopInfo.model_fields}))

    def policy(self) -> PublishedPolicy:
        return PublishedPolicy(version=self.version, time_zone=self.time_zone, **dict(self.after_sales))

    def day(self, day: date) -> tuple[datetime, datetime]:
        """When it begins, and the next one, by the shop's own calendar."""
        zone = ZoneInfo(self.time_zone)
        return clock.midnight(day, zone), clock.midnight(day + timedelta(days=1), zone)

    def need_delivery(self, country: str, region: str | None = None) -> None:
        """A region that is not known yet is not asked about."""
        areas = self.delivery_areas
        if areas and not any(area.holds(country, region) for area in areas):
            raise OutsideDeliveryAreas(country=country, region=region)

    def outward_channels(self, topic: str) -> tuple[OutwardChannel, ...]:
        return tuple(dict.fromkeys(one for rule in self.outward if rule.topic == topic for one in rule.channels))

    def methods_for(self, amount_minor: int, currency: str, device: Device) -> list[PaymentMethod]:
        """In the order in which they are set; a limit that is set is kept to, whatever others of the method say.

        The amount is in the shop's money, the `currency` that in which it is charged.
        """
        barred = {limit.method for limit in self.payment_limits if not limit.allows(amount_minor)}
        return [
            method
            for method in self.payment_methods
            if method not in barred
            and METHODS[method].suits(currency, device)
            and self._has_account_for(method)
            and (METHODS[method].provider != BANK or currency == self.currency)
            # What is charged in another currency is rounded to its coins.
            and (METHODS[method].provider != STRIPE or currency != self.currency or is_in_coins(amount_minor, currency))
        ]

    def _has_account_for(self, method: str) -> bool:
        return METHODS[method].provider != BANK or self.bank_account is not None

    def need_payment_method(
        self, method: str, amount_minor: int, currency: str, device: Device, *, agreed: bool = False
    ) -> None:
        """What was `agreed` to stands, whatever is set since, where the device can pay by it, and to an account."""
        offered = self.methods_for(amount_minor, currency, device)
        stands = agreed and METHODS[method].suits(currency, device) and self._has_account_for(method)
        if method not in offered and not stands:
            raise PaymentMethodOff(method=method)

    def first_method(self, amount_minor: int, currency: str) -> PaymentMethod:
        """What is offered first to somebody of whom nothing is known; to wait for a transfer is a choice."""
        offered = self.methods_for(amount_minor, currency, "desktop")
        if not offered:
            raise PaymentMethodOff()
        return next((method for method in offered if METHODS[method].provider != BANK), offered[0])

    def bill_account(self, provider: str) -> str | None:
        """Whom that provider's bills must name; Stripe's name nobody."""
        return getattr(self.bill_accounts, provider, None)

    @property
    def authorises_first(self) -> bool:
        return self.capture != "at_once"

    def revives(self, timed_out: bool) -> bool:
        """Whether money that came too late may bring its order back."""
        return self.late_payments == "revive" or (self.late_payments == "revive_timed_out" and timed_out)

    def passes_unproved(self, amount_minor: int, day_minor: int = 0) -> bool:
        """Whether so much is paid out of a balance at once without a proof, and so much in a day."""
        return amount_minor <= self.unproved_minor and day_minor <= self.unproved_day_minor

    def need_shown(self, currency: str) -> None:
        if currency not in (self.currency, *self.shown_currencies):
            raise CurrencyNotShown(currency=currency, shown=[self.currency, *self.shown_currencies])

    def need_charged(self, currency: str) -> None:
        if currency not in (self.currency, *self.charged_currencies):
            raise CurrencyNotCharged(currency=currency, charged=[self.currency, *self.charged_currencies])

    @property
    def rate_time(self) -> timedelta:
        """A weekend and a holiday on either side of it have no new rates."""
        return timedelta(seconds=self.rate_seconds)

    @property
    def rate_lock_time(self) -> timedelta:
        """How long a buyer may think about a quote in another currency."""
        return timedelta(seconds=self.rate_lock_seconds)

    def payment_time(self, method: str) -> timedelta:
        """How long an order waits for its money."""
        by_bank = METHODS[method].provider == BANK
        return timedelta(seconds=self.transfer_seconds if by_bank else self.payment_seconds)

    @property
    def longest_payment_time(self) -> timedelta:
        return max(map(self.payment_time, self.payment_methods), default=timedelta())

    @property
    def accept_time(self) -> timedelta:
        """How long a store that confirms by hand may take to accept an order or decline it."""
        return timedelta(seconds=self.accept_seconds)

    @property
    def shortage_time(self) -> timedelta:
        """How long a buyer may take to say what to do about missing goods, before their money goes back."""
        return timedelta(seconds=self.shortage_seconds)

    @property
    def pickup_time(self) -> timedelta:
        """How long goods wait in a store for their buyer."""
        return timedelta(seconds=self.pickup_seconds)

    @property
    def review_time(self) -> timedelta:
        """How long an order may be held for review before whoever reviews is reminded of it."""
        return timedelta(seconds=self.review_seconds)

    @property
    def receipt_time(self) -> timedelta:
        return timedelta(seconds=self.receipt_seconds)

    @property
    def completion_time(self) -> timedelta:
        return timedelta(seconds=self.completion_seconds)
