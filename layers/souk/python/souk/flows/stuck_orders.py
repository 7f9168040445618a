"""Orders that nobody is at work on any more: each has been in its state for longer than it can be when all is well."""

from collections.abc import Iterator
from datetime import timedelta

from souk.domains.aftersales import store as aftersales
from souk.domains.orders.model.cards import OrderCard
from souk.domains.orders.model.lifecycle import longest
from souk.domains.orders.store import lists as order_lists
from souk.domains.orders.store import orders as store
from souk.domains.stores.store.settings import at_hand
from souk.domains.stores.store.stores import all_ids
from souk.kernel import clock
from souk.kernel.caller import HEAD_OFFICE


def stuck_orders(shipment: timedelta, most: int) -> Iterator[OrderCard]:
    """At most so many of each state; one with an open after-sales case, or a shortage in its time, waits rightly."""
    settings = at_hand().settings
    limits = longest(
        payment=settings.longest_payment_time,
        review=settings.review_time,
        shipment=shipment,
        pickup=settings.pickup_time,
        receipt=settings.receipt_time,
        completion=settings.completion_time,
        confirm_by_hand=settings.confirm_by_hand,
    )
    desks = [*all_ids(), HEAD_OFFICE]
    for status, limit in limits.items():
        found = order_lists.too_long(desks, status, clock.now() - limit, most)
        yield from (card for card in found if not _waits_for_people(card.order_id))


def _waits_for_people(order_id: str) -> bool:
    return aftersales.has_open_case(order_id) or store.get(order_id).waits_for_answer(clock.now())
