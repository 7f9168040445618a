"""Orders as checkout, payment and confirmation leave them, made without a payment provider."""

from collections.abc import Mapping
from datetime import timedelta

from souk.domains.inventory import actions as inventory
from souk.domains.orders import actions as orders
from souk.domains.orders.model.order import Order, PlacedBefore
from souk.domains.orders.model.quote import Basket, QuoteLine, quote
from souk.domains.shipping import actions as shipping
from souk.kernel import ids
from souk.kernel.shapes import Address, Contact, Texts
from souk.table.unit import Unit

HOME = Address(name="Ana Reis", street="Rua Nova 1", city="Porto", country="PT")
ANA = Contact(name="Ana Reis", phone="+351 912 345 678")


def place(store_id: str, units: Mapping[str, int]) -> Order:
    """An unpaid order whose goods are reserved."""
    lines = tuple(
        QuoteLine(sku=sku, product_id="prd_1", name=Texts(en=sku), quantity=wanted, unit_price_minor=1000)
        for sku, wanted in units.items()
    )
    agreed = quote(Basket(currency="EUR", country="PT", store_id=store_id, lines=lines))
    order = orders.new_order(
        agreed,
        order_id=ids.new("ord"),
        buyer_id="mem_1",
        address=HOME,
        contact=ANA,
        payment_time=timedelta(minutes=30),
        fingerprint="f",
        by="mem_1",
    )
    with Unit() as unit:
        inventory.reserve(unit, store_id, units)
        return orders.place(unit, order, otherwise=PlacedBefore())


def prepare(order: Order) -> Order:
    """Paid, confirmed and laid out for picking."""
    with Unit() as unit:
        paid = orders.mark_paid(unit, order, at=order.placed_at, by="test")
    with Unit() as unit:
        confirmed = orders.confirm(unit, paid, by="test")
        shipping.make_pick(
            unit, order_id=order.order_id, number=order.number, store_id=order.store_id, units=order.unshipped()
        )
    return confirmed


def cancel(order: Order) -> Order:
    """Ended before it went out; its goods are for sale again."""
    with Unit() as unit:
        inventory.release(unit, order.store_id, order.unshipped())
        return orders.cancel(unit, order, reason="changed my mind", by="mem_1")
