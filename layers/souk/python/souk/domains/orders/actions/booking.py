"""How the sale of an order is booked and told."""

from collections.abc import Mapping, Sequence
from typing import Any

from souk.domains.orders.actions.saving import about
from souk.domains.orders.events import moving as events
from souk.domains.orders.model import books
from souk.domains.orders.model.goods import OrderLine
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.quote import FREIGHT, TAX
from souk.kernel import clock
from souk.kernel.journal import SALE, JournalEntry
from souk.table.unit import Unit


def book(
    unit: Unit, order: Order, cause: str, moves: Mapping[str, int], by_sku: Mapping[str, int] | None = None
) -> None:
    entry = JournalEntry.of(
        order.order_id,
        cause,
        at=clock.now(),
        store_id=order.store_id,
        currency=order.currency,
        moves=moves,
        by_sku=by_sku,
        campaign=order.sale.sale_id if order.sale else None,
    )
    unit.book(entry)


def book_sale(unit: Unit, order: Order, lines: Sequence[OrderLine]) -> None:
    book(unit, order, SALE, books.sale(lines), books.earned_by_sku(books.sale, lines))


def book_taken_back(unit: Unit, order: Order, cause: str) -> None:
    moves = books.taken_back(order.bought)
    book(unit, order, cause, moves, books.earned_by_sku(books.taken_back, order.bought))


def book_credit(unit: Unit, order: Order, cause: str, units: Mapping[str, int], deducted: Mapping[str, int]) -> None:
    moves, by_sku = books.credit(order, units, deducted), books.credited_by_sku(order, units, deducted)
    book(unit, order, cause, moves, by_sku)


def sale_of(order: Order) -> dict[str, Any]:
    return about(order) | {
        "country": order.counted_in.country,
        "region": order.counted_in.region,
        "lines": tuple(sold_line(line) for line in order.bought),
        "total_minor": order.total_minor,
    }


def sold_line(line: OrderLine) -> events.SoldLine:
    return events.SoldLine(
        sku=line.sku,
        product_id=line.product_id,
        name=line.name,
        units=line.quantity,
        goods_minor=line.net_minor,
        discount_minor=line.discount_minor,
        freight_minor=line.of(FREIGHT),
        tax_minor=line.of(TAX),
    )
