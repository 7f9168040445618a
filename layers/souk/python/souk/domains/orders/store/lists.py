"""Orders, as they are looked for: by number, buyer, store, status and month."""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from souk.domains.orders.model.cards import OrderCard, OrderName, ParkedOrder
from souk.domains.orders.model.handling import Holder
from souk.domains.orders.model.lifecycle import CROWDED, EVERYDAY, HOLDING, Life
from souk.domains.orders.model.order import Order
from souk.domains.orders.model.refusals import NoSuchOrder
from souk.domains.orders.model.review import MOST_EARLIER
from souk.domains.orders.store.orders import get
from souk.kernel import clock, ids
from souk.kernel.address import Address
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.ask import Rows

_AN_ORDER = "ord_"  # how its id begins
_MOST_PAGES = 20  # a filter that hardly anything passes ends with a cursor rather than with a time-out


def card_of_number(number: str) -> OrderCard:
    """The order with this number, found by the number itself: its month and its partition are in it."""
    month = ids.month_of_number(number)
    rows = ask.ask(patterns.ORDER_BY_NUMBER, limit=1, month=month, number=number) if month else Rows(())
    found = rows.one(keys.ORDER, OrderCard)
    if found is None or found.number != number:
        raise NoSuchOrder()
    return found


def id_of_number(number: str) -> str:
    return card_of_number(number).order_id


def number_of(order_id: str) -> str | None:
    found = ask.find(keys.ORDER, OrderName, order_id=order_id)
    return found.number if found else None


def numbers(order_ids: Iterable[str]) -> dict[str, str]:
    """By id: a batch read for every hundred orders. What is no order has none."""
    wanted = [ask.key(keys.ORDER, order_id=one) for one in dict.fromkeys(order_ids) if one.startswith(_AN_ORDER)]
    found = (one for rows in ask.in_batches(wanted) for one in rows.all(keys.ORDER, OrderName))
    return {one.order_id: one.number for one in found}


def with_phone_tail(number: str, phone_tail: str) -> Order:
    """The order, if it has this number and these last digits: the wrong ones are as much work as the wrong number."""
    card = card_of_number(number)
    if not hmac.compare_digest(card.phone_tail, phone_tail):
        raise NoSuchOrder()
    return get(card.order_id)


def of_buyer(buyer_id: str, limit: int, position: str | None) -> tuple[list[OrderCard], str | None]:
    rows = ask.ask(patterns.ORDERS_OF_BUYER, limit=limit, position=position, buyer_id=buyer_id)
    return rows.all(keys.ORDER, OrderCard), rows.position


def placed_by(buyer_id: str, limit: int, since: str, until: str) -> tuple[list[Order], bool]:
    """Whole orders of a buyer between two moments, newest first; and whether there are more."""
    rows = ask.ask(patterns.ORDERS_OF_BUYER, limit=limit, since=since, until=until, buyer_id=buyer_id)
    return rows.whole().all(keys.ORDER, Order), rows.position is not None


def delivered_to(buyer_id: str) -> list[Address]:
    """Where the buyer has had an order delivered, of the latest ones."""
    latest = ask.ask(patterns.ORDERS_OF_BUYER, limit=MOST_EARLIER, buyer_id=buyer_id)
    delivered = latest.where(OrderCard, lambda card: card.status in ("received", "completed"), MOST_EARLIER).whole()
    return [order.address for order in delivered.all(keys.ORDER, Order)]


def parked(by: Caller, limit: int, position: str | None) -> tuple[list[ParkedOrder], str | None]:
    """Those of the caller's stores, the longest parked first; a page may hold fewer than asked."""
    rows = ask.ask(patterns.PARKED_LIVES, limit=limit, position=position, parked="parked")
    lives = rows.all(keys.LIFE, Life)
    found = ask.many(ask.key(keys.ORDER, order_id=life.order_id) for life in lives).all(keys.ORDER, Order)
    orders = {order.order_id: order for order in found if by.in_scope(order.store_id)}
    return [ParkedOrder.of(orders[life.order_id], life) for life in lives if life.order_id in orders], rows.position


def of_store(store_id: str, status: str, limit: int, position: str | None = None) -> tuple[list[OrderCard], str | None]:
    rows = _at_desks([store_id], status, limit=limit, position=position)
    return rows.all(keys.ORDER, OrderCard), rows.position


def too_long(store_ids: Iterable[str], status: str, before: datetime, most: int) -> list[OrderCard]:
    """Orders that have been in the status since before that time, the longest first."""
    return _at_desks(store_ids, status, limit=most, until=clock.text(before)).all(keys.ORDER, OrderCard)


def holding(sku: str, store_id: str, limit: int, position: str | None) -> tuple[list[Holder], str | None]:
    """Orders that hold some of the SKU in the store, the longest in their state first.

    Looked for among the next orders that hold anything there, so a page may have fewer than asked. What was had in a
    flash sale and is not paid yet is left out: the sale holds it.
    """
    desks = [{"store_id": store_id, "status": status, "crowd": EVERYDAY} for status in HOLDING]
    rows = ask.together(patterns.ORDER_DESK, desks, limit=limit, position=position)
    found = rows.whole().all(keys.ORDER, Order)
    holders = [
        Holder(order_id=one.order_id, number=one.number, status=one.status, units=held[sku])
        for one in found
        if sku in (held := one.reserved().get(store_id, {}))
    ]
    return holders, rows.position


class OrderFilter(NamedTuple):
    """What is asked of the orders of all stores; what is None is not asked."""

    status: str | None = None
    store_id: str | None = None
    phone_tail: str | None = None

    def takes(self, card: OrderCard) -> bool:
        return all(wanted in (None, getattr(card, name)) for name, wanted in self._asdict().items())


def of_month(
    month: str, wanted: OrderFilter, by: Caller, limit: int, position: str | None
) -> tuple[list[OrderCard], str | None]:
    """Orders of a month, newest first, that pass the filter; pages on until the page is full."""
    return _passing([month], wanted, by, limit, position)


def placed_within(
    begins: datetime, ends: datetime, wanted: OrderFilter, by: Caller, limit: int, position: str | None
) -> tuple[list[OrderCard], str | None]:
    """The same of all that were placed from the one moment until before the other, at most a month later."""
    months = dict.fromkeys(f"{at.astimezone(UTC):%Y-%m}" for at in (begins, ends))
    bounds = {"since": ids.first_number(begins), "until": ids.first_number(ends)}
    return _passing(months, wanted, by, limit, position, **bounds)


def _passing(
    months: Iterable[str], wanted: OrderFilter, by: Caller, limit: int, position: str | None, **bounds: str
) -> tuple[list[OrderCard], str | None]:
    pattern, found = patterns.ORDERS_OF_MONTH, list[OrderCard]()
    shards = [{"month": month, "shard": shard} for month in months for shard in range(pattern.shards)]
    for _ in range(_MOST_PAGES):
        rows = ask.together(pattern, shards, limit=limit - len(found), position=position, **bounds)
        position = rows.position
        found += [card for card in rows.all(keys.ORDER, OrderCard) if by.in_scope(card.store_id) and wanted.takes(card)]
        if position is None or len(found) >= limit:
            break
    return found, position


def _at_desks(store_ids: Iterable[str], status: str, **bounds: Any) -> Rows:
    """One partition of each store, but for the statuses to which a sale brings thousands at once."""
    if status not in CROWDED:
        desks = [{"store_id": store_id, "status": status, "crowd": EVERYDAY} for store_id in store_ids]
        return ask.together(patterns.ORDER_DESK, desks, **bounds)
    pattern = patterns.ORDER_DESK_CROWDED
    crowded = [
        {"store_id": store_id, "status": status, "shard": shard}
        for store_id in store_ids
        for shard in range(pattern.shards)
    ]
    return ask.together(pattern, crowded, **bounds)
