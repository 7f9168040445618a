"""Products for staff: make one, read them, edit one with its SKUs and options, delete one."""

from http import HTTPStatus
from typing import Annotated

from souk.domains.catalog.actions import products
from souk.domains.catalog.model.drafts import ProductDraft, ProductEdit, SkuEdit, ValueDraft
from souk.domains.catalog.model.product import Status
from souk.domains.catalog.model.sheet import ProductCard, ProductSheet
from souk.domains.catalog.model.sku import Sku
from souk.domains.catalog.store import product_types as page_store
from souk.domains.catalog.store import products as store
from souk.domains.stores.store.settings import at_hand
from souk.edge.caller import caller
from souk.edge.http import Query, http_api
from souk.edge.paging import Cursor, Limit, paged
from souk.flows.remove_option_value import remove_option_value
from souk.kernel.page import Page
from souk.kernel.shapes import Number

app, handler = http_api()


@app.post("/staff/products", may="catalog.write", status=HTTPStatus.CREATED)
def create(draft: ProductDraft) -> ProductSheet:
    return products.create_product(draft, currency=at_hand().settings.currency, by=caller())


@app.get("/staff/products", may="catalog.read")
def list_products(status: Status = "listed", limit: Limit = 20, cursor: Cursor = None) -> Page[ProductCard]:
    return paged(
        lambda position: store.with_status(status, limit, position, caller().merchant_id),
        cursor,
        of=f"products {status}",
    )


@app.get("/staff/products/{product_id}", may="catalog.read")
def read(product_id: str) -> ProductSheet:
    return page_store.sheet(product_id, caller())


@app.put("/staff/products/{product_id}", may="catalog.write")
def edit_product(product_id: str, edit: ProductEdit) -> ProductSheet:
    return products.edit_product(product_id, edit, by=caller())


@app.delete("/staff/products/{product_id}", may="catalog.write")
def delete(product_id: str) -> ProductSheet:
    return products.delete_product(product_id, by=caller())


@app.patch("/staff/products/{product_id}/skus/{sku}", may="catalog.write")
def edit_sku(product_id: str, sku: str, edit: SkuEdit) -> Sku:
    return products.change_sku(product_id, sku, edit, by=caller())


@app.post("/staff/products/{product_id}/options/{option}/values", may="catalog.write", status=HTTPStatus.CREATED)
def add_value(product_id: str, option: str, draft: ValueDraft) -> ProductSheet:
    return products.add_value(product_id, option, draft, by=caller())


@app.delete("/staff/products/{product_id}/options/{option}/values/{value}", may="catalog.write")
def remove_value(product_id: str, option: str, value: str, version: Annotated[Number, Query(ge=1)]) -> ProductSheet:
    return remove_option_value(product_id, option, value, version, by=caller())
