"""Whether goods may still be given back: by the policy under which they were bought, for their category."""

from collections.abc import Iterable

from souk.domains.aftersales.model import window
from souk.domains.catalog import store as catalog
from souk.domains.orders.model.order import Order
from souk.domains.stores import store as stores
from souk.domains.stores.model.settings import ShopSettings
from souk.kernel import clock


def need_open(order: Order, skus: Iterable[str]) -> None:
    """What has not arrived has all of its time. Goods count in the category in which they stand today."""
    if order.delivered_at is None:
        return
    policy = _settings_of(order).after_sales
    lines = [line for line in order.lines if line.sku in skus]
    paths = catalog.paths_of({line.product_id for line in lines}) if policy.categories else {}
    for line in lines:
        days = policy.days_of(paths.get(line.product_id, ()))
        window.need_open(line.sku, order.delivered_at, days, stores.at_hand().settings.time_zone, clock.now())


def _settings_of(order: Order) -> ShopSettings:
    """Those in force when it was placed; orders of before they told that have today's."""
    if order.policy_version is None:
        return stores.at_hand().settings
    return stores.settings_version(order.policy_version)
