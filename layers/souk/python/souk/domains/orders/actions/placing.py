"""Orders begin: agreed to and to be paid, or sold and paid at a till."""

from datetime import datetime, timedelta

from souk.domains.orders.actions.saving import about
from souk.domains.orders.events import placing as events
from souk.domains.orders.model.goods import OrderLine, Step, held_by
from souk.domains.orders.model.order import Order, Origin
from souk.domains.orders.model.quote import Quote
from souk.kernel import clock, correlation, ids
from souk.kernel.address import Address, Contact
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.table import keys
from souk.table.unit import Unit


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


def place(unit: Unit, order: Order, otherwise: Refusal) -> Order:
    """Absent before: the order is its own idempotency row, and `otherwise` is said where it was placed already."""
    placed = unit.save(keys.ORDER, order, otherwise=otherwise)
    unit.tell(events.OrderPlaced(**about(order), pay_until=order.pay_until, units=order.unshipped()))
    return placed
