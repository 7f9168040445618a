"""What buyers and staff send, and what they are shown."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from souk.domains.orders.model.goods import LineFace, OrderFace, OrderLine
from souk.domains.orders.model.lifecycle import Life
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.pickup import Delivery, PickupSlip
from souk.domains.orders.model.quote import StaffLines, WantedLines, set_by_hand
from souk.kernel import clock, ids
from souk.kernel.caller import Caller
from souk.kernel.errors import Malformed, Refused
from souk.kernel.paying import Device, OnDevice, PaymentMethod, PaymentProof, RefundTo
from souk.kernel.shapes import (
    Address,
    Contact,
    Country,
    Currency,
    GeoPoint,
    Id,
    Input,
    Line,
    Minor,
    Moment,
    Noun,
    Quantity,
    Texts,
)

Status = Literal[
    "awaiting_payment",
    "awaiting_return",
    "paid",
    "held",
    "released",
    "confirmed",
    "reassigned",
    "unassigned",
    "ready",
    "part_shipped",
    "shipped",
    "received",
    "completed",
    "split",
    "merged",
    "cancelled",
]
# A repeated order is the same with another proof, and needs none: it is no part of what is compared.
Proof = Annotated[PaymentProof | None, Field(exclude=True, repr=False)]
RateLockText = Annotated[str, Field(strict=True, pattern="^[A-Za-z0-9_-]+$", max_length=600)]
QuoteId = Annotated[str, Field(strict=True, pattern="^[0-9a-f]{32}$")]


class UnreadableKey(Malformed):
    title = "Idempotency-Key is missing or not 1 to 100 printable characters"


class NoReason(Refused):
    title = "What is set by hand needs a reason"


class NotYet(Refused):
    title = "That time has not come yet"


class QuoteRequest(Delivery):
    """Where to; the region as soon as it is known, for a shop may not deliver to all of a country.

    Stores that deliver around themselves are asked only where the `point` is known. The methods of payment that are
    offered are those for the `device`. Asked for in another `currency` than the shop's it says what is charged.
    """

    lines: WantedLines
    country: Country | None = None
    region: Line | None = None
    point: GeoPoint | None = None
    shown_currency: Currency | None = None
    currency: Currency | None = None
    device: Device = "desktop"

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.country is None) == (self.pickup_store_id is None):
            raise ValueError("needs either country or pickup_store_id")
        return self


class Checkout(Delivery, OnDevice):
    """An order as a buyer places it: no price, no store, no status; `quote_id` says which quote was agreed to.

    It goes to an `address`, or to the one of the own address book that `address_id` names, or waits in a store. So much
    of its price as `from_balance_minor` says is paid with what the buyer has with the shop, the rest by the method, in
    the currency and by the rate that the quote's `rate_lock` names. Where the balance needs a `proof`, the same order
    is sent again with it.
    """

    lines: WantedLines
    quote_id: QuoteId
    address: Address | None = None
    address_id: Id | None = None
    contact: Contact
    payment_method: PaymentMethod = "card"
    from_balance_minor: Minor = 0
    rate_lock: RateLockText | None = None
    proof: Proof = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if [self.address, self.address_id, self.pickup_store_id].count(None) != 2:
            raise ValueError("needs one of address, address_id and pickup_store_id")
        return self


class SaleQuoteRequest(Input):
    """So many of the units of a flash sale, and where to; a store that delivers around itself needs the `point`.

    What is charged in a `currency`, as a `QuoteRequest` asks it.
    """

    quantity: Quantity
    country: Country
    region: Line | None = None
    point: GeoPoint | None = None
    currency: Currency | None = None


class SaleCheckout(Input):
    """An order out of a flash sale, at its price, paid as a `Checkout`."""

    quantity: Quantity
    quote_id: QuoteId
    address: Address | None = None
    address_id: Id | None = None
    contact: Contact
    from_balance_minor: Minor = 0
    rate_lock: RateLockText | None = None
    proof: Proof = None

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.address is None) == (self.address_id is None):
            raise ValueError("needs either address or address_id")
        return self


class AssistedOrder(Input):
    """An order that staff take for a buyer.

    A price, a discount, the freight or a date of its own needs `orders.override` and a reason, and leaves an audit
    entry. The order's own date may be in the past: reports go by it.
    """

    buyer_id: Id
    lines: StaffLines
    address: Address
    contact: Contact
    freight_minor: Minor | None = None
    placed_at: Moment | None = None
    reason: Line | None = None

    @property
    def overrides(self) -> dict[str, object]:
        """What was set by hand, for the audit."""
        said = self.model_dump(mode="json", include={"freight_minor", "placed_at"}, exclude_none=True)
        return said | set_by_hand(self.lines)

    def need_permission(self, by: Caller) -> None:
        """Refused without `orders.override`, without a reason, or for a date that is still to come."""
        if self.overrides:
            by.need("orders.override")
            if self.reason is None:
                raise NoReason()
        if self.placed_at and self.placed_at > clock.now():
            raise NotYet()


class Cancellation(Input):
    """`refund_to` says where what was paid goes, if it was."""

    reason: Line
    refund_to: RefundTo = "source"


class Dated(Input):
    """When it happened, where that is not now; needs `orders.override`."""

    at: Moment | None = None

    def moment(self, by: Caller) -> datetime:
        if self.at is None:
            return clock.now()
        by.need("orders.override")
        if self.at > clock.now():
            raise NotYet()
        return self.at


class OrderClaim(Input):
    """What somebody without an account knows of their order."""

    number: Annotated[str, Field(strict=True, pattern=ids.ORDER_NUMBER)]
    phone_tail: Annotated[str, Field(strict=True, pattern="^[0-9]{4}$")]


class OrderCard(Noun):
    """An order in a list."""

    order_id: str
    number: str
    status: str
    store_id: str
    buyer_id: str
    buyer_name: str
    phone_tail: str
    placed_at: datetime
    total_minor: int
    currency: str


class ParkedOrder(OrderCard):
    """An order whose workflow gave up: when, and for which failure."""

    parked_at: datetime | None
    failure: str | None

    @classmethod
    def of(cls, order: Order, life: Life) -> "ParkedOrder":
        card = OrderCard.model_validate(order, from_attributes=True)
        return cls(**dict(card), parked_at=life.parked_at, failure=life.failure)


class OrderView(OrderFace):
    """An order as staff see it."""

    lines: tuple[OrderLine, ...]

    @classmethod
    def of(cls, order: Order) -> "OrderView":
        return cls.model_validate(order, from_attributes=True)


class BuyerOrderView(OrderFace):
    """An order as its buyer sees it: neither which of the staff did what, nor what the shop keeps of it.

    The `pickup` is there while the goods wait in a store.
    """

    pickup: PickupSlip | None = None

    @classmethod
    def of(cls, order: Order, pickup: PickupSlip | None = None) -> "BuyerOrderView":
        shown = {
            "lines": tuple(LineFace(**dict(line)) for line in order.lines),
            "history": tuple(step.but(by="buyer" if step.by == order.buyer_id else "shop") for step in order.history),
            "shortages": tuple(one.but(found_by="shop") for one in order.shortages),
        }
        return cls(**dict(order) | shown, pickup=pickup)


class PublicLine(Noun):
    name: Texts
    options: dict[str, str]
    quantity: int
    shipped: int
    dropped: int
    substituted: int


class PublicStep(Noun):
    status: str
    at: datetime


class PublicOrder(Noun):
    """An order as whoever knows its number may see it: how it stands, and nothing of who bought it or where it goes.

    `became` are the numbers of the orders to ask for in its place.
    """

    number: str
    status: str
    placed_at: datetime
    currency: str
    total_minor: int
    lines: tuple[PublicLine, ...]
    history: tuple[PublicStep, ...]
    became: tuple[str, ...]

    @classmethod
    def of(cls, order: Order) -> "PublicOrder":
        return cls.model_validate(order.model_dump() | {"became": [one.number for one in order.became]})


def idempotency_key(header: str | None) -> str:
    """The client's name for this command; scoped to the caller, so another's key means nothing here."""
    if not header or len(header) > 100 or not header.isprintable() or not header.isascii():
        raise UnreadableKey()
    return header


def fingerprint_of(request: Input, about: str = "") -> str:
    """By which a repeated command is known, also by a release that has more to ask for, where that is not used."""
    return ids.fingerprint(about + request.model_dump_json(exclude_defaults=True))[:32]
