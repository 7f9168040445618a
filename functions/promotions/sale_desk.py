"""Flash sales for staff: draft one, schedule it, end it, see what is left."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.promotions import actions, store
from souk.domains.promotions.model.flash_sale import SaleCard, SaleDraft, SaleEdit, SaleSheet
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows import flash_sale
from souk.kernel.page import Page
from souk.kernel.shapes import Id

app, handler = http_api()


@app.post("/staff/flash-sales", may="promotions.write", status=HTTPStatus.CREATED)
def draft(wanted: SaleDraft) -> SaleSheet:
    """The same reference sent again is the same sale. Nothing is set aside and nobody is told of it yet."""
    return flash_sale.draft(wanted, by=caller())


@app.get("/staff/flash-sales", may="promotions.read")
def list_of_store(store_id: Annotated[Id, Query()], limit: Limit = 20, cursor: Cursor = None) -> Page[SaleCard]:
    """Last to begin first."""
    caller().need_store(store_id)
    return paged(lambda position: store.of_store(store_id, limit, position), cursor, of=f"sales of {store_id}")


@app.get("/staff/flash-sales/{sale_id}", may="promotions.read")
def read(sale_id: str) -> SaleSheet:
    return flash_sale.sheet(store.for_staff(sale_id, by=caller()))


@app.put("/staff/flash-sales/{sale_id}", may="promotions.write")
def edit(sale_id: str, wanted: SaleEdit) -> SaleSheet:
    """While it is a draft."""
    return flash_sale.sheet(actions.edit(sale_id, wanted, by=caller()))


@app.post("/staff/flash-sales/{sale_id}/schedule", may="promotions.write")
def schedule(sale_id: str) -> SaleSheet:
    """It opens and closes by itself; its units are set aside five minutes before the first may order."""
    return flash_sale.schedule(sale_id, by=caller())


@app.post("/staff/flash-sales/{sale_id}/end", may="promotions.write")
def end(sale_id: str) -> SaleSheet:
    """Before its time; when it answers, nobody can order any more, and what is left is the store's."""
    return flash_sale.end(sale_id, by=caller())
