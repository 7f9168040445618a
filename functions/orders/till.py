"""The till: what a store sells over its counter, at once or after it was offline."""

from http import HTTPStatus

from souk.domains.orders.model.sale import OfflineBatch, SaleOutcomes, TillSale
from souk.domains.orders.model.staff_view import OrderView
from souk.edge.caller import caller
from souk.edge.http import http_api
from souk.flows import till

app, handler = http_api()


@app.post("/staff/sales", may="sales.write", status=HTTPStatus.CREATED)
def sell(sale: TillSale) -> OrderView:
    """Order, payment and stock at once; the same `sale_id` sent again is the same sale."""
    return OrderView.of(till.sell(sale, by=caller()))


@app.post("/staff/sales/batch", may="sales.write")
def enter_batch(batch: OfflineBatch) -> SaleOutcomes:
    """Sales of a till that was offline; each is answered for itself."""
    return till.enter_batch(batch, by=caller())
