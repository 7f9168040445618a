"""Orders begin: agreed to and to be paid, or sold and paid at a till."""

from datetime import datetime, timedelta

from souk.domains.orders import events
from souk.domains.orders.actions.saving import about, book_sale, sale_of
from souk.domains.orders.model.goods import OrderLine, Step, held_by
from souk.domains.orders.model.order import Order, Origin
from souk.domains.orders.model.quote import Quote
from souk.domains.orders.model.sale import TillSale
from souk.kernel import clock, correlation, ids
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.kernel.shapes import Address, Contact
from souk.table import keys
from souk.table.unit import ChangedMeanwhile, Unit


def new_order(
    agreed: Quote,
    *,
    order_id: str,
    buyer_id: str,
    address: Address,
    contact: Contact,
    payment_time: timedelta,
    fingerprint: str,
    policy_version: int,
    by: Caller,
    placed_at: datetime | None = None,
    by_staff: bool = False,
    payment_method: str = "card",
) -> Order:
    """An order as it was agreed to; its own date is now unless staff gave another."""
    now = clock.now()
    at = placed_at or now
    return Order(
        order_id=order_id,
        number=ids.order_number(at),
        buyer_id=buyer_id,
        store_id=agreed.store_id,
        currency=agreed.currency,
        held=held_by(agreed.parcels),
        lines=tuple(OrderLine(**dict(line)) for line in agreed.lines),
        goods_minor=agreed.goods_minor,
        discount_minor=agreed.discount_minor,
        freight_minor=agreed.freight_minor,
        tax_minor=agreed.tax_minor,
        total_minor=agreed.total_minor,
        payment_method=payment_method,
        address=address,
        contact=contact,
        delivery_method=agreed.delivery_method,
        pickup_store_id=agreed.store_id if agreed.delivery_method == "pickup" else None,
        placed_at=at,
        policy_version=policy_version,
        moved_at=now,
        pay_until=now + payment_time,
        request_fingerprint=fingerprint,
        assisted_by=by.id if by_staff else None,
        origin=None if by_staff else Origin(ip=by.ip, request_id=correlation.current()),
        history=(Step(status="awaiting_payment", at=at, by=by.id),),
    )


def new_sale(
    sale: TillSale,
    agreed: Quote,
    *,
    buyer_id: str,
    address: Address,
    contact: Contact,
    policy_version: int,
    sold_at: datetime,
    by: Caller,
) -> Order:
    """An order that begins where others arrive: paid, and in its buyer's hands."""
    order = new_order(
        agreed,
        order_id=sale.order_id,
        buyer_id=buyer_id,
        address=address,
        contact=contact,
        payment_time=timedelta(),
        fingerprint=sale.fingerprint,
        policy_version=policy_version,
        by=by,
        placed_at=sold_at,
        by_staff=True,
        payment_method=sale.paid_by,
    )
    return order.but(
        status="received",
        lines=tuple(line.but(shipped=line.quantity) for line in order.lines),
        delivered_at=sold_at,
        history=(Step(status="received", at=sold_at, by=by.id),),
    )


def place(unit: Unit, order: Order, otherwise: Refusal) -> Order:
    """Absent before: the order is its own idempotency row, and `otherwise` is said where it was placed already."""
    placed = unit.save(keys.ORDER, order, otherwise=otherwise)
    unit.tell(events.OrderPlaced(**about(order), pay_until=order.pay_until, units=order.unshipped()))
    return placed


def sell(unit: Unit, sold: Order, *, completion_time: timedelta) -> Order:
    """Absent before, as `place`; it completes itself after `completion_time`."""
    entered = unit.save(keys.ORDER, sold, otherwise=ChangedMeanwhile())
    book_sale(unit, sold, sold.lines)
    unit.tell(
        events.OrderSold(**sale_of(sold), currency=sold.currency, complete_after=sold.placed_at + completion_time)
    )
    return entered
