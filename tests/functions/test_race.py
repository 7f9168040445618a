"""Buyers at once for the last units, at the worst moment: all have seen them before the first one writes."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from souk.domains.access.model.rights import SHOP
from souk.domains.orders.model.requests import Checkout
from souk.flows import checkout
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.table import current
from tests.support.market import ADDRESS, CONTACT, Market
from tests.support.shared_table import SharedTable

RUNS, BUYERS, UNITS = 20, 200, 10


@pytest.mark.capability("INV-03")
def test_of_200_orders_that_all_saw_the_last_10_units_10_are_placed_twenty_times_over(market: Market) -> None:
    for _ in range(RUNS):
        table, market.category_id = SharedTable(), ""
        current.use(table)
        store_id = market.store()
        market.goods({"TEA": 500}, {store_id: UNITS})
        request = {"lines": [{"sku": "TEA", "quantity": 1}], "address": ADDRESS, "contact": CONTACT}
        wanted = Checkout(**request, quote_id=market.quote({"TEA": 1}).ok()["quote_id"])
        table.gate = threading.Barrier(BUYERS)
        with ThreadPoolExecutor(BUYERS) as pool:
            outcomes = Counter(pool.map(lambda n, wanted=wanted: _buy(n, wanted), range(BUYERS)))
        assert outcomes == {"awaiting_payment": UNITS, "insufficient_stock": BUYERS - UNITS}
        assert market.level("TEA", store_id) == (UNITS, UNITS, 0)
        assert [row["kind"] for row in table.rows.values()].count("Order") == UNITS


def _buy(n: int, wanted: Checkout) -> str:
    """What becomes of this buyer's order."""
    buyer = Caller(id=f"mem_{n}", kind="member", may=frozenset({SHOP}))
    try:
        return checkout.place(wanted, "once", by=buyer).order.status
    except Refusal as refusal:
        return refusal.code()
