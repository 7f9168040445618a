"""Redrive of all: whatever a workflow should be at work on gets a fresh one, as after the loss of the running ones."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from souk.domains.aftersales import store as cases
from souk.domains.aftersales.actions import workflow
from souk.domains.aftersales.model.lifecycle import WATCHED
from souk.domains.orders.model.lifecycle import OPEN
from souk.domains.orders.store import lists as orders
from souk.domains.stores.store.stores import all_ids
from souk.flows import order_lifecycle
from souk.kernel.caller import HEAD_OFFICE

C = TypeVar("C")


def restart_lives() -> int:
    """How many were started, for orders and for after-sales cases."""
    # All are found before the first starts: what its workflow moves on must not be met in its next status again.
    order_ids = [card.order_id for card in _in_stores(orders.of_store, OPEN)]
    open_cases = {card.case_id: card.kind for card in _in_stores(cases.of_store, WATCHED)}
    for order_id in order_ids:
        order_lifecycle.restart(order_id)
    for case_id, kind in open_cases.items():
        workflow.restart(case_id, kind)
    return len(order_ids) + len(open_cases)


def _in_stores(
    of_store: Callable[[str, str, int, str | None], tuple[list[C], str | None]], statuses: Iterable[str]
) -> Iterator[C]:
    for store_id in (*all_ids(), HEAD_OFFICE):
        for status in statuses:
            position, more = None, True
            while more:
                cards, position = of_store(store_id, status, 100, position)
                yield from cards
                more = position is not None
