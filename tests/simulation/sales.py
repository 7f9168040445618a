"""What must hold of flash sales: sold to the unit, to nobody more than their share, and sold out where it is said."""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from souk.domains.orders.model.order import Order
from souk.domains.promotions.model.flash_sale import FlashSale
from souk.domains.promotions.model.shards import STOCK, SaleShard
from souk.table import keys
from souk.table.port import Row
from tests.simulation.table import Commit

if TYPE_CHECKING:
    from tests.simulation.invariants import Checker


class Sales:
    """Follows every sale with its shards; what they hold is reserved in the store's stock."""

    def __init__(self, checker: "Checker") -> None:
        self.checker = checker
        self.all: dict[str, FlashSale] = {}
        self.sold: dict[str, Counter[str]] = defaultdict(Counter)  # units of orders that are not cancelled, by buyer
        self._left: dict[str, list[tuple[float, int]]] = defaultdict(list)

    def committed(self, commit: Commit) -> None:
        for _, sale in self.checker.nouns(FlashSale, commit.of(keys.FLASH_SALE)):
            self.all[sale.sale_id] = sale
        for _, before, after in commit.of(keys.SALE_SHARD):
            self._shard(before, after)
        for was, order in self.checker.nouns(Order, commit.of(keys.ORDER)):
            self._order(was, order)

    def least_left(self, sale_id: str, since: float) -> int:
        """Of all that was left at any instant from then on."""
        known = self._left[sale_id]
        before = [left for at, left in known if at <= since][-1:]
        return min([*before, *(left for at, left in known if at > since)], default=0)

    def need_sold_out(self, sale_id: str, units: int, since: float) -> None:
        """Whoever is sent away asked at a time when there were too few."""
        least = self.least_left(sale_id, since)
        self.checker.need(least < units, "PRM-06", f"{sale_id} was sold out at {least}, and {units} were wanted")

    def _shard(self, before: Row | None, after: Row | None) -> None:
        """I1, I2: nothing below nothing, and the stock's reserved units are those of orders and shards."""
        one = self.checker.noun(SaleShard, after or before)
        self.checker.need(one.left >= 0, "I1", one)
        if one.pool != STOCK:
            return
        change = int((after or {}).get("left", 0)) - int((before or {}).get("left", 0))
        sale = self.all[one.sale_id]
        self.checker.reserved[sale.store_id, sale.sku] += change
        known, now = self._left[one.sale_id], self.checker.world.schedule.now
        known.append((now, (known[-1][1] if known else 0) + change))

    def _order(self, before: Order | None, after: Order) -> None:
        if after.sale is None:
            return
        sale, sold = self.all[after.sale.sale_id], self.sold[after.sale.sale_id]
        if before is None:
            sold[after.buyer_id] += after.sale.units
            self.checker.need(sold[after.buyer_id] <= sale.per_buyer, "PRM-06", (after.buyer_id, sold))
        elif after.status == "cancelled" != before.status:
            sold[after.buyer_id] -= after.sale.units
        self.checker.need(sold.total() <= sale.aside, "PRM-06", (sale, sold))
