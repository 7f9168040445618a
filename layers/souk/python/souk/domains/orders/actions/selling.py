"""Orders that begin at a till: sold and paid, in their buyers' hands."""

from datetime import datetime, timedelta

from souk.domains.orders.actions.booking import book_sale, sale_of
from souk.domains.orders.actions.placing import new_order
from souk.domains.orders.events import moving as events
from souk.domains.orders.model.goods import Step
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import Quote
from souk.domains.orders.model.sale import TillSale
from souk.kernel.address import Address, Contact
from souk.kernel.caller import Caller
from souk.table import keys
from souk.table.unit import ChangedMeanwhile, Unit


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


def sell(unit: Unit, sold: Order, *, completion_time: timedelta) -> Order:
    """Absent before, as `place`; it completes itself after `completion_time`."""
    entered = unit.save(keys.ORDER, sold, otherwise=ChangedMeanwhile())
    book_sale(unit, sold, sold.lines)
    unit.tell(
        events.OrderSold(**sale_of(sold), currency=sold.currency, complete_after=sold.placed_at + completion_time)
    )
    return entered
