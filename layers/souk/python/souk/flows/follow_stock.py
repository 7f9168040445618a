"""After stock has moved: the store's alert, and what the product page says is there."""

from collections.abc import Iterable

from souk.domains.catalog.model.sku import SkuState
from souk.domains.inventory import actions as inventory
from souk.domains.inventory import store as stocks
from souk.domains.inventory.model import shown
from souk.table import ask, keys
from souk.table.again import again
from souk.table.unit import ChangedMeanwhile, Unit


def follow(store_id: str, skus: Iterable[str]) -> None:
    for sku in skus:
        stock = inventory.watch_level(sku, store_id)
        if stock:
            _show(stock.product_id, sku)


def _show(product_id: str, sku: str) -> None:
    def show() -> None:
        # The state is read before the stock and written even where it says the same: of two that look at once, the one
        # with the older stock then finds the state changed and looks again.
        state = ask.find(keys.SKU_STATE, SkuState, product_id=product_id, sku=sku)
        available = shown(stocks.of_sku(sku))
        before = state or SkuState(product_id=product_id, sku=sku, in_stock=False, available=0)
        with Unit() as unit:
            unit.save(keys.SKU_STATE, before.but(in_stock=available > 0, available=available), ChangedMeanwhile())

    again(show)
