"""The shop and its stores as everybody sees them."""

from typing import Annotated

from souk.domains.stores.model.policy import PublishedPolicy
from souk.domains.stores.model.settings import ShopInfo
from souk.domains.stores.model.store import StoreCard, shown
from souk.domains.stores.store import settings as settings_store
from souk.domains.stores.store import stores as store
from souk.domains.stores.store import versions as version_store
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import shown_stores as shop_window
from souk.flows import store_finder
from souk.kernel import clock, geo
from souk.kernel.page import Page
from souk.kernel.shapes import Number, Sku

app, handler = http_api()

Near = Annotated[str | None, Query(pattern=geo.DEGREES, description="Latitude and longitude in degrees: 38.71,-9.14")]
Version = Annotated[Number | None, Query(description="That of an order's `policy_version`")]
OfSku = Annotated[Sku | None, Query(description="With `near`: tells which of the stores have it")]


@app.get("/shop/stores", public=True)
def list_stores(near: Near = None, sku: OfSku = None, limit: Limit = 100, cursor: Cursor = None) -> Page[StoreCard]:
    """With whether their doors are open at this moment; closed branches are not shown.

    `near` a point they are sorted by distance, and the nearest are all that is answered: no page comes after it.
    """
    if near:
        point = geo.point_of(near)
        return paged(lambda _: (store_finder.near(point, sku, limit), None), cursor, of="nearest stores")
    return paged(lambda position: _shown(limit, position), cursor, of="stores")


@app.get("/shop/info", public=True)
def read_info() -> ShopInfo:
    """How to reach the shop, how it is paid and where it delivers."""
    return settings_store.at_hand().settings.info()


@app.get("/shop/after-sales-policy", public=True)
def read_policy(version: Version = None) -> PublishedPolicy:
    """What holds for goods that are bought now, or for an order that names a version."""
    settings = version_store.settings_of(version)
    return settings.policy()


def _shown(limit: int, position: str | None) -> tuple[list[StoreCard], str | None]:
    settings = settings_store.at_hand().settings
    found, position = store.page(limit, position)
    return shown((one.in_shop(settings) for one in shop_window.stores(found)), clock.now()), position
