"""Buyers by the thousand for the last units, in threads on one table that counts what each partition is asked.

DynamoDB's limits are for each value of a partition key, in the table and in every index: a thousand write units a
second and three thousand read units. So what the fullest partition has to take for one order tells how many orders a
second the whole can take, on whatever machine this was counted.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from souk.domains.access.model.rights import SHOP
from souk.domains.orders.model.requests import Checkout
from souk.domains.orders.model.sale_requests import SaleCheckout
from souk.flows import checkout, sale_checkout
from souk.kernel.caller import Caller
from souk.kernel.errors import Refusal
from souk.table import current
from souk.table.actions import Action, ConditionFailed
from souk.table.port import At, Range, Row
from tests.support import sales
from tests.support.market import ADDRESS, CONTACT, Market
from tests.support.memory import MemoryTable
from tests.support.table import index_writes, item_units, size

THREADS = 16
WRITES_A_SECOND, READS_A_SECOND = 1_000, 3_000  # of one partition key
PAGE = 4096  # bytes of a read unit
PLACED = "awaiting_payment"
Place = tuple[str, str]  # the table or an index, and a value of its partition key


class CountingTable(MemoryTable):
    """Each call is whole, as DynamoDB's are."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: Counter[Place] = Counter()
        self.reads: Counter[Place] = Counter()
        self.failed = 0
        self._whole = threading.Lock()

    def count_anew(self) -> None:
        self.writes.clear()
        self.reads.clear()
        self.failed = 0

    def read(self, at: At) -> Row | None:
        with self._whole:
            self._count_reads([at])
            return super().read(at)

    def read_many(self, ats: Sequence[At]) -> list[Row]:
        with self._whole:
            self._count_reads(ats)
            return super().read_many(ats)

    def read_at_once(self, ats: Sequence[At]) -> list[Row]:
        with self._whole:
            self._count_reads(ats, times=2)
            return super().read_at_once(ats)

    def query(self, within: Range, limit: int) -> list[Row]:
        with self._whole:
            found = super().query(within, limit)
            self.reads[within.index or "table", within.pk] += max(1, -(-sum(map(size, found)) // PAGE))
            return found

    def write(self, actions: Sequence[Action], token: str) -> None:
        with self._whole:
            before = {action.at: self.rows.get(action.at, {}) for action in actions}
            try:
                super().write(actions, token)
            except ConditionFailed:
                self.failed += 1
                raise
            for at, was in before.items():
                now = self.rows.get(at, {})
                self.writes["table", at.pk] += item_units(was, now)
                for index, partition, units in index_writes(was, now):
                    self.writes[index, partition] += units

    def _count_reads(self, ats: Sequence[At], times: int = 1) -> None:
        for at in set(ats):
            self.reads["table", at.pk] += times * max(1, -(-size(self.rows.get(at, {})) // PAGE))


@dataclass(frozen=True)
class Rush:
    """What became of the buyers, and what each partition was asked."""

    outcomes: Counter[str]
    writes: Counter[Place]
    reads: Counter[Place]
    failed: int

    @property
    def placed(self) -> int:
        return self.outcomes[PLACED]

    def orders_a_second(self) -> int:
        """That the partition with the most to write lets through."""
        return WRITES_A_SECOND * self.placed // max(self.writes.values())

    def buyers_a_second(self) -> int:
        """That the partition with the most to read lets through, most of them to be told that nothing is left."""
        return READS_A_SECOND * self.outcomes.total() // max(self.reads.values())

    def fullest(self, counted: Counter[Place], most: int = 3) -> list[str]:
        """Of the table and of each index, the partitions with the most units."""
        found = []
        for place in sorted({place for place, _ in counted}):
            there = Counter({key: units for (where, key), units in counted.items() if where == place})
            found += [f"{place:6} {key:60} {units:6}" for key, units in there.most_common(most)]
        return found


def plain(market: Market, buyers: int, units: int) -> Rush:
    """As everyday goods: all of them count down the stock of one SKU in one store."""
    table, _ = _open(market, units)
    request = {"lines": [{"sku": "TEA", "quantity": 1}], "address": ADDRESS, "contact": CONTACT}
    wanted = Checkout(**request, quote_id=market.quote({"TEA": 1}).ok()["quote_id"])
    return _rush(table, buyers, lambda by: checkout.place(wanted, "once", by=by).order.status)


def in_sale(market: Market, buyers: int, units: int, shards: int = 16) -> Rush:
    table, store_id = _open(market, units)
    sale_id = sales.running(market, store_id, units=units, shards=shards, per_buyer=1)
    request = {"quantity": 1, "address": ADDRESS, "contact": CONTACT}
    quote = market.shop.post(f"/me/sales/{sale_id}/quotes", {"quantity": 1, "country": "PT"}, as_=_buyer(0)).ok()
    wanted = SaleCheckout(**request, quote_id=quote["quote_id"])
    return _rush(table, buyers, lambda by: sale_checkout.place(sale_id, wanted, "once", by=by).order.status)


def _open(market: Market, units: int) -> tuple[CountingTable, str]:
    table = CountingTable()
    market.shop.table, market.category_id = table, ""
    current.use(table)
    store_id = market.store()
    market.goods({"TEA": 500}, {store_id: units})
    return table, store_id


def _rush(table: CountingTable, buyers: int, buy: Callable[[Caller], str]) -> Rush:
    def outcome(number: int) -> str:
        try:
            return buy(_buyer(number))
        except Refusal as refusal:
            return refusal.code()

    table.count_anew()
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = Counter(pool.map(outcome, range(buyers)))
    return Rush(outcomes, table.writes, table.reads, table.failed)


def _buyer(number: int) -> Caller:
    return Caller(id=f"mem_{number}", kind="member", may=frozenset({SHOP}))
