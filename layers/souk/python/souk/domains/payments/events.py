"""What is told of payments and refunds."""

from datetime import datetime

from souk.kernel.charging import Sum
from souk.kernel.fact import Fact
from souk.kernel.shapes import Noun


class ReturnedLine(Noun):
    """Units of a line that are paid back: `goods_minor` is their part of the line's goods after discounts."""

    sku: str
    units: int
    goods_minor: int


class SaleContext(Noun):
    """Which sale a refund lessens, for reports; `first` where nothing of the order was refunded before."""

    store_id: str
    merchant_id: str | None = None
    placed_at: datetime
    country: str
    region: str | None = None
    first: bool
    lines: tuple[ReturnedLine, ...] = ()


class PaymentFailed(Fact):
    """A card was declined; the order goes on waiting for another one."""

    order_id: str
    buyer_id: str
    store_id: str
    amount_minor: int
    currency: str
    decline_code: str


class TransferFellShort(Fact):
    """Less was transferred than is due, or all but the rest: the order waits for what is missing."""

    order_id: str
    buyer_id: str
    store_id: str
    received_minor: int
    missing_minor: int
    currency: str


class PaidTooLate(Fact):
    """Money came when the order was over, unpaid: now it is decided whether it is served after all or paid back."""

    order_id: str
    buyer_id: str
    store_id: str
    intent_id: str
    amount_minor: int
    currency: str
    charged: Sum | None = None


class _OfRefund(Fact):
    """`cause` is in words; `case_id` names the after-sales case that led to it.

    The amount is in the shop's money: the buyer gets what was `charged` for it, where that is another currency.
    """

    refund_id: str
    order_id: str
    buyer_id: str
    amount_minor: int
    currency: str
    cause: str
    case_id: str | None = None
    charged: Sum | None = None


class RefundOwed(_OfRefund):
    """The money is set aside; now the provider is asked to send it."""


class RefundPosted(_OfRefund):
    """The provider has sent it, or it stands on the buyer's balance. `sale` is null where the money was never a sale: a
    payment that came too late.
    """

    sale: SaleContext | None
    to_balance: bool = False


class _OfDispute(Fact):
    """By `overdrawn_minor` more has gone back of the order's money with this than was paid; a `top_up` is no order."""

    dispute_id: str
    order_id: str
    buyer_id: str
    store_id: str
    amount_minor: int
    currency: str
    reason: str
    status: str
    respond_by: datetime | None
    overdrawn_minor: int
    top_up: bool = False


class DisputeOpened(_OfDispute):
    """A buyer's bank asks (`inquiry`) or takes money back; told again where an inquiry becomes more."""


class DisputeClosed(_OfDispute):
    """The bank has decided (`won`, `lost`), or an inquiry came to nothing (`closed`)."""


class RefundMadeUp(_OfRefund):
    """One that had failed: the buyer's bank has paid it back instead."""


class GoodsExchanged(Fact):
    """What was paid for goods that came back pays for others: their sale is credited, and nothing is sent."""

    order_id: str
    amount_minor: int
    currency: str
    sale: SaleContext


class PaymentLetGo(Fact):
    """What was only authorised for an order is never taken, for the order has ended: its sale is credited, and nothing
    is sent.
    """

    order_id: str
    amount_minor: int
    currency: str
    sale: SaleContext


class RefundFailed(_OfRefund):
    """The provider cannot send it; where it `was_posted`, what was told then holds no more. A `top_up` is no order."""

    store_id: str
    reason: str
    was_posted: bool
    top_up: bool = False
    sale: SaleContext | None
