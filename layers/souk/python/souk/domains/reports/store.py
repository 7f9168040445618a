"""Counters as they are kept: a partition for each month and shard, read to its end."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TypeVar

from souk.domains.reports.model import DaySales, ProductSales, RegionSales, Span
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.entity import Entity
from souk.table.patterns import Pattern

R = TypeVar("R", DaySales, ProductSales, RegionSales)
_PAGE = 1000


def by_day(span: Span, caller: Caller, store_id: str | None) -> Iterator[DaySales]:
    return _counted(patterns.SALES_BY_DAY, keys.DAY_SALES, DaySales, span, caller, store_id)


def by_product(span: Span, caller: Caller, store_id: str | None) -> Iterator[ProductSales]:
    return _counted(patterns.SALES_BY_PRODUCT, keys.PRODUCT_SALES, ProductSales, span, caller, store_id)


def by_region(span: Span, caller: Caller, store_id: str | None) -> Iterator[RegionSales]:
    return _counted(patterns.SALES_BY_REGION, keys.REGION_SALES, RegionSales, span, caller, store_id)


def orders_on(day: date, store_ids: Iterable[str]) -> dict[str, int]:
    """How many paid orders of that day each of the stores has that were not cancelled."""
    at = {"month": day.isoformat()[:7], "day": day.isoformat()}
    shards = range(patterns.SALES_BY_DAY.shards)
    wanted = [ask.key(keys.DAY_SALES, order_id=n, store_id=store_id, **at) for store_id in store_ids for n in shards]
    taken: dict[str, int] = defaultdict(int)
    for row in ask.many(wanted).all(keys.DAY_SALES, DaySales):
        taken[row.store_id] += row.orders - row.cancelled
    return dict(taken)


def _counted(
    pattern: Pattern, entity: Entity, model: type[R], span: Span, caller: Caller, store_id: str | None
) -> Iterator[R]:
    """The rows of the span that the caller may see, of one store or of all in his scope."""
    since, until = span.first.isoformat(), (span.last + timedelta(days=1)).isoformat()
    for month in span.months():
        for shard in range(pattern.shards):
            position = None
            while True:
                page = ask.ask(
                    pattern, month=month, shard=shard, since=since, until=until, position=position, limit=_PAGE
                )
                for row in page.all(entity, model):
                    if row.store_id == store_id if store_id else caller.in_scope(row.store_id):
                        yield row
                position = page.position
                if position is None:
                    break
