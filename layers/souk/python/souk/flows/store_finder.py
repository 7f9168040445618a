"""The nearest stores, with what they have of a SKU."""

from souk.domains.inventory.model import Stock
from souk.domains.inventory.store import stock
from souk.domains.stores.model.store import Store, StoreCard, shown
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores
from souk.flows import shown_stores as shop_window
from souk.kernel import clock
from souk.kernel.address import GeoPoint
from souk.table import ask, keys


def near(point: GeoPoint, sku: str | None, limit: int) -> list[StoreCard]:
    """The nearest first; stores and stock are one batch read for every hundred items."""
    away = {store_id: metres for metres, store_id in stores.nearest(point, limit)}
    rows = ask.many([*stores.store_keys(away), *(stock.stock_keys([sku], away) if sku else ())])
    shop, levels = settings_store.at_hand().settings, stock.stocks(rows)
    found = {one.store_id: one.in_shop(shop) for one in shop_window.stores(rows.all(keys.STORE, Store))}
    ranged = [found[store_id] for store_id in away if store_id in found]
    return [
        card.but(distance_metres=away[card.store_id], in_stock=_has(levels, sku, card.store_id) if sku else None)
        for card in shown(ranged, clock.now())
    ]


def _has(levels: dict[tuple[str, str], Stock], sku: str, store_id: str) -> bool:
    level = levels.get((sku, store_id))
    return level is not None and level.available > 0
