"""After stock has moved: the store's alert, what the shop says is there, and what is done with what ran out."""

from collections.abc import Iterable

from souk.domains.catalog.actions import listing
from souk.domains.catalog.store import pages as products
from souk.domains.inventory.actions import stock as inventory
from souk.domains.inventory.model import shown
from souk.domains.inventory.store import stock as stocks
from souk.domains.stores.store.settings import at_hand
from souk.table.again import again
from souk.table.unit import Contended, Unit

_MOST_LOOKS = 20


def follow_everywhere(store_ids: Iterable[str], skus: Iterable[str]) -> None:
    goods = tuple(skus)
    for store_id in dict.fromkeys(store_ids):
        follow(store_id, goods)


def follow(store_id: str, skus: Iterable[str]) -> None:
    for sku in skus:
        stock = inventory.watch_level(sku, store_id)
        if stock:
            _show(stock.product_id, sku)


def _show(product_id: str, sku: str) -> None:
    """Until what is shown is what is there; under more sales than that, when the fact is told again."""

    def show() -> bool:
        before = products.state(product_id, sku)
        available = shown(stocks.of_sku(sku))
        with Unit() as unit:
            return listing.show_stock(unit, before, available, at_hand().settings.sold_out)

    for _ in range(_MOST_LOOKS):
        if not again(show):
            return
    raise Contended()
