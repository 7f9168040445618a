"""Flash sales as everybody may see them."""

from souk.domains.promotions import store
from souk.domains.promotions.model.flash_sale import SaleCard, SalePage
from souk.edge.http import http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import shown_sales as shop_window
from souk.kernel import clock
from souk.kernel.page import Page

app, handler = http_api()


@app.get("/shop/sales", public=True)
def list_announced(limit: Limit = 20, cursor: Cursor = None) -> Page[SaleCard]:
    """Sales that are to come and that are running, first to begin first."""
    return paged(lambda position: _shown(limit, position), cursor, of="announced sales")


@app.get("/shop/sales/{sale_id}", public=True)
def read(sale_id: str) -> SalePage:
    return SalePage.of(shop_window.sale(store.get(sale_id)), clock.now())


def _shown(limit: int, position: str | None) -> tuple[list[SaleCard], str | None]:
    found, position = store.announced(limit, position)
    return shop_window.sales(found), position
