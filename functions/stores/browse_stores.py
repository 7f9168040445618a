"""The stores as everybody sees them."""

from souk.domains.stores import store
from souk.domains.stores.model import StoreCard
from souk.edge.http import http_api
from souk.kernel import clock
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/shop/stores", public=True)
def list_stores() -> Page[StoreCard]:
    """With whether their doors are open at this moment; closed branches are not shown."""
    now = clock.now()
    return Page(items=[StoreCard.of(one, now) for one in store.everywhere() if one.open])
