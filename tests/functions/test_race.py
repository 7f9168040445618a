"""Buyers at once for the last units, at the worst moment: all have seen them before the first one writes."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from souk.domains.access.model import SHOP
from souk.domains.orders.model.requests import Checkout
from souk.flows import checkout
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.table import current
from souk.table.port import Action, At, Row
from tests.support.market import ADDRESS, CONTACT, Market
from tests.support.memory import MemoryTable

RUNS, BUYERS, UNITS = 20, 200, 10


class SharedTable(MemoryTable):
    """For many threads: each call is whole, as DynamoDB's are. At the gate, a thread's first write waits for all."""

    def __init__(self) -> None:
        super().__init__()
        self.gate: threading.Barrier | None = None
        self._whole, self._here = threading.Lock(), threading.local()

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        with self._whole:
            return super().read_many(ats)

    def write(self, actions: Sequence[Action], token: str) -> None:
        if self.gate and not hasattr(self._here, "passed"):
            self.gate.wait(timeout=60)
            self._here.passed = True
        with self._whole:
            super().write(actions, token)


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
