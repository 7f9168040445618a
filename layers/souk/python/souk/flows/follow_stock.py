"""After stock has moved: the store's alert, and what the shop says is there."""

from collections.abc import Iterable

from souk.domains.catalog import actions as catalog
from souk.domains.catalog import store as products
from souk.domains.inventory import actions as inventory
from souk.domains.inventory import store as stocks
from souk.domains.inventory.model import shown
from souk.table.again import again
from souk.table.unit import Unit


def follow(store_id: str, skus: Iterable[str]) -> None:
    for sku in skus:
        stock = inventory.watch_level(sku, store_id)
        if stock:
            _show(stock.product_id, sku)


def _show(product_id: str, sku: str) -> None:
    def show() -> None:
        before = products.state(product_id, sku)
        available = shown(stocks.of_sku(sku))
        with Unit() as unit:
            catalog.show_stock(unit, before, available)

    again(show)
