"""Stores as buyers see them: none of merchants that may not sell."""

from collections.abc import Iterable

from souk.domains.stores.model.store import Store
from souk.flows.goods import selling


def stores(found: Iterable[Store]) -> list[Store]:
    shown = list(found)
    may_sell = selling(store.merchant_id for store in shown)
    return [store for store in shown if store.merchant_id in may_sell]
