"""Whether goods may still be given back: by the policy under which they were bought, for their category."""

from collections.abc import Iterable

from souk.domains.aftersales.model import window
from souk.domains.catalog.store import categories as catalog
from souk.domains.orders.model.order import Order
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import versions as stores
from souk.kernel import clock


def need_open(order: Order, skus: Iterable[str]) -> None:
    """Goods count in the category in which they stand today."""
    policy = stores.settings_of(order.policy_version).after_sales
    lines = [line for line in order.lines if line.sku in skus]
    paths = catalog.paths_of({line.product_id for line in lines}) if policy.categories else {}
    for line in lines:
        days = policy.days_of(paths.get(line.product_id, ()))
        window.need_open(line.sku, order.delivered_at, days, settings_store.at_hand().settings.time_zone, clock.now())
