"""Sales and their shards, as they are asked for."""

from collections.abc import Iterable

from souk.domains.promotions.model.flash_sale import FlashSale, NoSuchSale, SaleCard
from souk.domains.promotions.model.shards import SaleShard
from souk.kernel.caller import Caller
from souk.table import ask, keys, patterns
from souk.table.ask import Rows
from souk.table.port import At


def find(sale_id: str) -> FlashSale | None:
    return ask.find(keys.FLASH_SALE, FlashSale, sale_id=sale_id)


def get(sale_id: str) -> FlashSale:
    return ask.get(keys.FLASH_SALE, FlashSale, NoSuchSale, sale_id=sale_id)


def for_staff(sale_id: str, by: Caller) -> FlashSale:
    """The sale, if it is one of the caller's stores."""
    sale = get(sale_id)
    sale.need_scope(by)
    return sale


def of_store(store_id: str, limit: int, position: str | None) -> tuple[list[SaleCard], str | None]:
    rows = ask.ask(patterns.SALES_OF_STORE, limit=limit, position=position, store_id=store_id)
    return rows.all(keys.FLASH_SALE, SaleCard), rows.position


def announced(limit: int, position: str | None) -> tuple[list[SaleCard], str | None]:
    rows = ask.ask(patterns.SALES_ANNOUNCED, limit=limit, position=position)
    return rows.all(keys.FLASH_SALE, SaleCard), rows.position


def shard_key(sale_id: str, pool: str, number: int) -> At:
    """For a batch read."""
    return ask.key(keys.SALE_SHARD, sale_id=sale_id, pool=pool, number=number)


def shard(sale_id: str, pool: str, number: int) -> SaleShard | None:
    return ask.find(keys.SALE_SHARD, SaleShard, sale_id=sale_id, pool=pool, number=number)


def shards(sale: FlashSale) -> list[SaleShard]:
    """Each as it is read; none before the sale has opened and after it has closed."""
    return ask.many(_all_of(sale, sale.pools())).all(keys.SALE_SHARD, SaleShard)


def left(rows: Rows, pools: Iterable[str]) -> dict[str, dict[int, int]]:
    """What is left of each pool, by shard; without those that are gone."""
    found: dict[str, dict[int, int]] = {pool: {} for pool in pools}
    for one in rows.all(keys.SALE_SHARD, SaleShard):
        found[one.pool][one.number] = one.left
    return found


def left_at_once(sale: FlashSale, pools: Iterable[str]) -> dict[str, dict[int, int]] | None:
    """All of it at one instant; None while somebody is at work on a shard."""
    rows = ask.at_once(_all_of(sale, pools))
    return None if rows is None else left(rows, pools)


def left_about_now(sale: FlashSale, pools: Iterable[str]) -> dict[str, dict[int, int]]:
    """Shard by shard: units that move meanwhile may be seen twice or not at all."""
    return left(ask.many(_all_of(sale, pools)), pools)


def _all_of(sale: FlashSale, pools: Iterable[str]) -> list[At]:
    return [shard_key(sale.sale_id, pool, number) for pool in pools for number in range(sale.shards)]
