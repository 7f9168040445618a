"""The shop and its stores as everybody sees them."""

from souk.domains.stores import store
from souk.domains.stores.model.settings import ShopInfo
from souk.domains.stores.model.store import StoreCard, shown
from souk.edge.http import http_api
from souk.kernel import clock
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/shop/stores", public=True)
def list_stores() -> Page[StoreCard]:
    """With whether their doors are open at this moment; closed branches are not shown."""
    return Page(items=shown(store.at_hand().stores, clock.now()))


@app.get("/shop/info", public=True)
def read_info() -> ShopInfo:
    """How to reach the shop, how it is paid and where it delivers."""
    return store.at_hand().settings.info()
